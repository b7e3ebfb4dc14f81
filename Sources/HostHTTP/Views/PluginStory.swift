package import JobModel

/// What a person wants to know about a plugin, in sentences: how it stands and since when, why, what happens next, and
/// what can be done.
package struct PluginStory {
    private let id: String
    private let standing: PluginStanding
    private let now: Instant
    private var told: [String] = []

    package var sentences: [String] { told }

    /// Of a plugin that a file holds.
    package init(_ plugin: PluginRecord, _ standing: PluginStanding, crashes: [CrashReport] = [], now: Instant) {
        id = plugin.descriptor?.id ?? ""
        self.standing = standing
        self.now = now
        tellState(plugin)
        for crash in crashes { tell(crash) }
        tellGeneration()
        tellSetAside()
        tellWay(back: plugin.state == .active)
    }

    /// Of a plugin that no file holds any more.
    package init(gone id: String, _ standing: PluginStanding, now: Instant) {
        self.id = id
        self.standing = standing
        self.now = now
        let file = standing.lineage.current?.file ?? "its file"
        let since = standing.lineage.goneSince.map { ", since \(time($0))" } ?? ""
        tell("No file in the plugins folder holds \(id)\(since): \(file) was removed.")
        tell("Attempts that ran go on to their end; its pending runs wait until a file that holds it comes back.")
        tellGeneration()
    }

    private mutating func tell(_ sentence: String) { told.append(sentence) }

    private mutating func tellState(_ plugin: PluginRecord) {
        let version = plugin.descriptor?.version ?? ""
        switch plugin.state {
        case .active:
            tell("Version \(version) is active: new attempts run in it.")
        case .disabled:
            let who = standing.disabled.map { "by \($0.by) at \(time($0.at))\(because($0.reason))" } ?? ""
            tell("It was disabled \(who): nothing of it is started, and its runs wait.")
            tell("`berth plugin enable \(id)` lets it go on.")
        case .shadowed, .rejected, .checking, .setAside:
            tell("This file is \(plugin.state.rawValue.split(separator: "_").joined(separator: " ")).")
        }
        if let reason = plugin.reason, plugin.state != .disabled { tell("\(reason.sentence).") }
        if let warning = plugin.warning { tell("Warning: \(warning).") }
    }

    private mutating func tell(_ crash: CrashReport) {
        let streak = crash.record.streak
        let evidence = streak.evidence
        let times = streak.crashes == 1 ? "crashed" : "crashed \(streak.crashes) times in a row"
        if let since = streak.quarantinedAt {
            tell("\(crash.record.name) is quarantined since \(time(since)): it \(times), its runs wait, others go on.")
            tell(
                now < streak.until
                    ? "From \(time(streak.until)) on one run at a time is tried; a success ends the quarantine, a crash doubles it."
                    : "One run at a time is tried now; a success ends the quarantine, a crash doubles it.")
            tell("`berth plugin release \(id)`, or another version of its file, ends it at once.")
        } else {
            tell(
                "\(crash.record.name) \(times); its next attempt starts \(now < streak.until ? "at \(time(streak.until))" : "when it is due")."
            )
        }
        tell(
            "The last crash was in run \(evidence.run), attempt \(evidence.attempt): \(evidence.message). Limits: \(evidence.limits)."
        )
        for line in crash.lines { tell("  | \(line)") }
    }

    private mutating func tellGeneration() {
        guard let current = standing.lineage.current else { return }
        tell(
            "It \(standing.lineage.goneSince == nil ? "is" : "was") in its generation \(current.number) (\(current.version), \(current.digest.prefix(12))…) since "
                + "\(time(current.since)), from \(current.file).")
    }

    private mutating func tellSetAside() {
        for generation in standing.lineage.generations.reversed() {
            guard let aside = standing.setAside[generation.digest] else { continue }
            tell(
                "Version \(aside.version) (\(generation.digest.prefix(12))…) was set aside by \(aside.ruling.by) at "
                    + "\(time(aside.ruling.at))\(because(aside.ruling.reason)). It stays so until another file comes.")
            tell("`berth plugin release \(id)` has it used again.")
        }
    }

    private mutating func tellWay(back isActive: Bool) {
        guard isActive, let previous = standing.previous else { return }
        tell("`berth plugin rollback \(id)` goes back to version \(previous.version) (\(previous.digest.prefix(12))…).")
    }

    private func because(_ reason: String?) -> String { reason.map { ", because: \($0)" } ?? "" }

    /// To the second.
    private func time(_ instant: Instant) -> String { "\(instant.rfc3339.prefix(19))Z" }
}
