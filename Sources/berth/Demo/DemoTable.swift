import HostHTTP
import JobModel

/// The demo's screen as text: what each job did and why, and the totals.
struct DemoTable {
    var jobs: [(job: JobView, recent: [RunView])]
    var totals: DemoTotals
    var now: Instant

    func lines(width: Int?) -> [String] {
        var table = Table([
            .init("JOB"), .init("COMPONENT"), .init("NEXT", .right), .init("LAST"), .init("TOOK", .right),
            .init("RECENT"), .init("WHY"),
        ])
        for (job, recent) in jobs {
            // The newest ended attempt: a run that waits for its next one has an outcome too.
            let last = recent.first { $0.outcome != nil }
            table.add([
                job.name, job.component, job.nextFire.map { countdown(to: $0) },
                last?.outcome?.replacing("_", with: " "), last?.took, String(recent.reversed().map(Self.mark)),
                last.map(DemoReason.sentence) ?? job.obstacle ?? "not run yet",
            ])
        }
        return table.lines(width: width) + ["", totals.line]
    }

    private func countdown(to fire: Instant) -> String {
        fire - now < .seconds(1) ? "now" : "\((fire - now).components.seconds)s"
    }

    /// One character for a run.
    static func mark(_ run: RunView) -> Character {
        switch (run.state, run.outcome) {
        case (.succeeded, _): "✓"
        case (.pending, nil), (.running, _), (nil, _): "·"
        case (.pending, _): "↻"
        case (_, "crashed"): "☠"
        case (_, "timed_out"): "⧖"
        case (.cancelled, _): "⊘"
        case (.skipped, _): "–"
        default: "✗"
        }
    }
}
