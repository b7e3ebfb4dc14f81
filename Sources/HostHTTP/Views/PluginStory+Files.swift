import JobModel

// What the files of a plugin hold, and why some of it is not used.
extension PluginStory {
    /// `main` is what the story is about, when this file is told of besides it.
    mutating func tell(_ file: PluginRecord, besides main: PluginRecord?) {
        switch file.state {
        case .active: tellActive(file, besides: main)
        case .disabled: tellDisabled(standing.disabled)
        case .checking, .rejected: tellUnread(file)
        case .shadowed:
            let holds = isFormer(file) ? "held, before that," : "holds"
            let why = file.reason ?? "another version is used instead"
            tell("\(file.fileName) \(holds) \(version(file)), which is shadowed: \(why).")
        case .setAside: break
        }
        if let warning = file.warning { tell("Warning: \(warning).") }
    }

    private mutating func tellActive(_ file: PluginRecord, besides main: PluginRecord?) {
        let version = "Version \(file.descriptor?.version ?? "")"
        let place = main.map { $0.path == file.path ? "" : ", from \(file.fileName)," } ?? ""
        let isLeftAlone = told.crashes.contains { $0.record.component == nil && $0.isQuarantine }
        tell(
            isLeftAlone
                ? "\(version)\(place) is the active one, and quarantined: its runs wait."
                : "\(version)\(place) is active: new attempts run in it.")
        if let reason = file.reason { tell("\(reason.sentence).") }
    }

    mutating func tellDisabled(_ ruling: Ruling?) {
        let who = ruling.map { "by \($0.by) at \(time($0.at))\(because($0.reason))" } ?? ""
        tell("It was disabled \(who): nothing of it is started, and its runs wait.")
        tell("`berth plugin enable \(id)` lets it go on.")
    }

    /// Of content that is new, or that is not taken: perhaps the same as before, with other rights.
    private mutating func tellUnread(_ file: PluginRecord) {
        let digest = file.digest.isEmpty ? "" : " (\(file.digest.prefix(12))…)"
        let what = file.state == .rejected ? "rejected" : "still being checked"
        let why = file.reason.map { ": \($0)" } ?? ""
        tell("What \(file.fileName) holds now\(digest), since \(time(file.arrivedAt)), is \(what)\(why).")
    }

    private func version(_ file: PluginRecord) -> String {
        "version \(file.descriptor?.version ?? "") (\(file.digest.prefix(12))…)"
    }

    /// Its file holds other content by now, which is not used, or not yet.
    private func isFormer(_ file: PluginRecord) -> Bool {
        files.contains {
            $0.path == file.path && $0.digest != file.digest && ($0.state == .rejected || $0.state == .checking)
        }
    }

    // MARK: Set aside

    /// More were set aside long ago; what a file holds now is always told.
    private static let mostAside = 5

    mutating func tellSetAside() {
        let all = standing.setAside.sorted { $0.value.ruling.at > $1.value.ruling.at }
        let holding = files.filter { !isFormer($0) }
        let held = all.filter { aside in holding.contains { $0.digest == aside.key } }
        let others = all.filter { aside in !held.contains { $0.key == aside.key } }
        for (digest, aside) in held + others.prefix(Self.mostAside) {
            let file = holding.first { $0.digest == digest }.map { "\($0.fileName) holds it" }
            tell(
                "Version \(aside.version) (\(digest.prefix(12))…) was set aside by \(aside.ruling.by) at "
                    + "\(time(aside.ruling.at))\(because(aside.ruling.reason)). "
                    + "\(file ?? "No file in the plugins folder holds it now").")
        }
        if others.count > Self.mostAside { tell("So were \(others.count - Self.mostAside) more before.") }
        guard !all.isEmpty else { return }
        tell(
            "What is set aside is not used, whatever file it comes in, until `berth plugin release \(id)`; a file of other "
                + "content is used at once.")
    }
}
