package import JobEngine
package import JobModel

/// A job as it is defined, and where it stands.
package struct JobView: JSONView {
    package let json: JSONValue

    package init(json: JSONValue) {
        self.json = json
    }

    package init(_ status: JobStatus) {
        let stand = JSONValue.object(present: [
            "source": .string(status.job.source),
            "paused": .bool(status.job.paused),
            "created_at": .instant(status.job.createdAt),
            "next_fire": .instant(status.nextFire),
            "obstacle": .text(status.obstacle),
            "warnings": status.warnings.isEmpty ? nil : .texts(status.warnings),
            "last_run": status.lastRun.map { RunView($0).json },
            "figures": status.figures.map { FiguresView($0).json },
        ])
        json = .object((status.job.definition.json.members ?? []) + (stand.members ?? []))
    }

    package var name: String { text("name") ?? "" }
    package var component: String { text("component") ?? "" }
    /// As people write it.
    package var schedule: String {
        guard let schedule = json["schedule"] else { return "-" }
        let zone = schedule["zone"]?.string
        if let cron = schedule["cron"]?.string { return [cron, zone].compactMap(\.self).joined(separator: " ") }
        let words = ["every", "daily", "weekly", "monthly", "calendar", "at"]
        guard let word = words.first(where: { schedule[$0]?.string != nil }) else { return "-" }
        return [word, schedule[word]?.string, zone].compactMap(\.self).joined(separator: " ")
    }
    package var source: String { text("source") ?? "" }
    package var paused: Bool { bool("paused") }
    package var enabled: Bool { bool("enabled") }
    package var nextFire: Instant? { instant("next_fire") }
    package var obstacle: String? { text("obstacle") }
    /// What it names that is not there.
    package var warnings: [String] { (json["warnings"]?.array ?? []).compactMap(\.string) }
    package var figures: FiguresView? { json["figures"].map(FiguresView.init(json:)) }
    package var lastRun: RunView? { json["last_run"].map(RunView.init(json:)) }
}

/// What applying jobs changed, by name.
package struct ApplyView: JSONView {
    package let json: JSONValue

    package init(json: JSONValue) {
        self.json = json
    }

    package init(_ report: ApplyReport) {
        json = [
            "added": .texts(report.added), "changed": .texts(report.changed), "unchanged": .texts(report.unchanged),
            "removed": .texts(report.removed), "warnings": .texts(report.warnings),
        ]
    }

    package func names(_ change: String) -> [String] { (json[change]?.array ?? []).compactMap(\.string) }
}
