package import JobModel

/// What a person wants to know about a plugin, in sentences: what of it is in use and since when, what else its files hold
/// and why that is not used, what happens next, and what can be done.
package struct PluginStory {
    /// All that a story is made of.
    package struct Material: Sendable {
        /// Of the plugin; empty where nobody knows it.
        package var id: String
        package var standing: PluginStanding
        /// Of the same file and of other files that tell of it, besides the one that stands for it.
        package var others: [PluginRecord]
        package var crashes: [CrashReport]
        package var leaving: [LeavingAttempts]
        package var now: Instant

        package init(
            id: String, standing: PluginStanding, others: [PluginRecord] = [], crashes: [CrashReport] = [],
            leaving: [LeavingAttempts] = [], now: Instant
        ) {
            self.id = id
            self.standing = standing
            self.others = others
            self.crashes = crashes
            self.leaving = leaving
            self.now = now
        }
    }

    let told: Material
    /// All that tell of it, the one that stands for it first.
    let files: [PluginRecord]
    package private(set) var sentences: [String] = []

    var id: String { told.id }
    var standing: PluginStanding { told.standing }

    /// Of a plugin that a file holds, or held until its content was replaced by what is not used.
    package init(_ plugin: PluginRecord, _ told: Material) {
        self.told = told
        files = [plugin] + told.others
        let isUsed = files.contains(where: \.isInUse)
        if !isUsed, !id.isEmpty { tell("Nothing of \(id) is used now; its runs wait.") }
        for file in files { tell(file, besides: file == plugin ? nil : plugin) }
        if !isUsed, let ruling = standing.disabled, !files.contains(where: { $0.state == .disabled }) {
            tellDisabled(ruling)
        }
        for crash in told.crashes { tell(crash) }
        tellLeaving()
        tellGeneration(isUsed: isUsed)
        tellSetAside()
        tellWayBack(isActive: plugin.state == .active)
        if !isUsed { tellCopies() }
    }

    /// Of a plugin that no file holds any more.
    package init(gone told: Material) {
        self.told = told
        files = []
        let since = standing.lineage.goneSince.map { ", since \(time($0))" } ?? ""
        let file = standing.lineage.current.map { "; it was in \($0.file)" } ?? ""
        tell("No file in the plugins folder holds \(id)\(since)\(file). Its runs wait until one does.")
        tellLeaving()
        tellGeneration(isUsed: false)
        if let ruling = standing.disabled { tellDisabled(ruling) }
        tellSetAside()
        tellCopies()
    }

    mutating func tell(_ sentence: String) { sentences.append(sentence) }

    func because(_ reason: String?) -> String { reason.map { ", because: \($0)" } ?? "" }

    /// To the second.
    func time(_ instant: Instant) -> String { "\(instant.rfc3339.prefix(19))Z" }

    private mutating func tellLeaving() {
        for one in told.leaving {
            let what = one.count == 1 ? "1 attempt goes on" : "\(one.count) attempts go on"
            let end =
                switch one.until {
                case nil: "as long as their own limits allow"
                case let until? where until > told.now:
                    "until \(time(until)); what has not ended then is asked to, and runs again where it may be repeated"
                case _?: "and were asked to end: their time is over"
                }
            tell(
                "\(what) in version \(one.version) (\(one.digest.prefix(12))…), in which nothing is started any more, \(end)."
            )
        }
    }

    private mutating func tellGeneration(isUsed: Bool) {
        guard let current = standing.lineage.current else { return }
        tell(
            "It \(isUsed ? "is" : "was") in its generation \(current.number) (\(current.version), "
                + "\(current.digest.prefix(12))…) since \(time(current.since)), from \(current.file).")
    }

    private mutating func tellWayBack(isActive: Bool) {
        guard isActive, let previous = standing.previous else { return }
        tell("`berth plugin rollback \(id)` goes back to version \(previous.version) (\(previous.digest.prefix(12))…).")
    }

    private mutating func tellCopies() {
        guard !standing.lineage.generations.isEmpty else { return }
        let copies = standing.lineage.generations.reversed().map { kept in
            let note = standing.setAside[kept.digest] == nil ? "" : ", set aside"
            return "staged/\(kept.digest)/plugin.so (\(kept.version)\(note))"
        }
        tell("Copies are kept in the host's home: \(copies.joined(separator: ", ")).")
        guard standing.disabled == nil, standing.lineage.generations.contains(where: mayBeUsed) else { return }
        tell(
            "A copy that may be used is used again when it is put into the plugins folder, under a name that ends in .so."
        )
    }

    private func mayBeUsed(_ kept: Generation) -> Bool {
        standing.setAside[kept.digest] == nil && !standing.forbidden.contains(kept.digest)
    }
}
