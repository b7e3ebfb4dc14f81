import HostHTTP
import JobModel

/// Runs as a table.
enum RunTable {
    static func print(_ page: RunPageView) {
        table(page.runs, now: SystemClock.now).print()
        if let next = page.next { Swift.print("more: --before \(next)") }
    }

    static func table(_ runs: [RunView], now: Instant) -> Table {
        var table = Table([
            .init("RUN", .right), .init("STATE"), .init("COMPONENT"), .init("JOB"), .init("WHEN"), .init("TOOK"),
            .init("TRIES", .right), .init("WHY"),
        ])
        for run in runs {
            table.add([
                String(run.id), run.state?.word, run.component, run.job, RelativeTime.words(moment(run), now: now),
                run.took, String(run.starts), run.reason,
            ])
        }
        return table
    }

    /// The moment that matters most for the state.
    private static func moment(_ run: RunView) -> Instant? {
        switch run.state {
        case .pending: run.due
        case .running: run.startedAt
        default: run.finishedAt ?? run.createdAt
        }
    }
}

/// One run, closely.
struct RunSheet {
    private let run: RunView

    init(_ run: RunView) {
        self.run = run
    }

    func print() {
        facts.print()
        if !run.attempts.isEmpty {
            Swift.print("\nattempts")
            attempts.print()
            printMetrics()
        }
        let timeline = RunTimeline(run)
        if !timeline.isEmpty {
            Swift.print("\ntimeline")
            timeline.table.print()
        }
        guard !run.output.isEmpty else { return }
        Swift.print("\noutput")
        Terminal.print(output: run.output)
    }

    var facts: Facts {
        var facts = Facts()
        facts.add("run", String(run.id))
        facts.add("state", run.state?.word)
        facts.add("why", run.reason)
        facts.add("waits for", run.obstacle)
        facts.add("component", run.component)
        facts.add("job", run.job)
        facts.add("upstream", run.upstream.map { "\($0), which calls it \(run.instance ?? "?")" })
        facts.add("borrowed from", run.borrowedFrom)
        facts.add("lent to", run.lentTo)
        facts.add("source", [run.text("source"), run.text("actor")].compactMap(\.self).joined(separator: ", by "))
        facts.add("tags", run.tags.joined(separator: ", "))
        facts.add("correlation", run.text("correlation"))
        facts.add("queue", run.queue)
        facts.add("priority", run.json["priority"]?.text)
        facts.add("params", run.json["params"]?.text)
        facts.add("created", run.createdAt?.rfc3339)
        facts.add("due", run.due?.rfc3339)
        facts.add("started", run.startedAt?.rfc3339)
        facts.add("finished", run.finishedAt?.rfc3339)
        facts.add("took", run.took)
        facts.add("timeout", run.text("timeout"))
        facts.add("limits", run.json["limits"]?.text)
        facts.add("access", run.json["access"]?.text)
        facts.add("unique", run.text("unique"))
        facts.add("parent", run.parent.map(String.init))
        facts.add("label", run.label)
        facts.add("stage", run.stage)
        facts.add("children", childrenWords)
        for (place, step) in run.steps {
            facts.add(place == "before" ? "pre-step" : "post-step", Self.words(step))
        }
        facts.add("progress", run.json["progress"].map { Self.words(ProgressView(json: $0)) })
        return facts
    }

    /// `40: 10 pending, 2 running, 28 succeeded`
    private var childrenWords: String? {
        guard let total = run.children.first(where: { $0.word == "total" })?.count else { return nil }
        let states = run.children.filter { $0.word != "total" && $0.word != "open" }
        return "\(total): \(states.map { "\($0.count) \($0.word)" }.joined(separator: ", "))"
    }

    /// `run 12 (disk/mount), succeeded`
    private static func words(_ step: RunView) -> String {
        "run \(step.id) (\(step.component)), \(step.state?.word ?? "")" + (step.reason.map { ": \($0)" } ?? "")
    }

    private static func words(_ progress: ProgressView) -> String {
        let amount = progress.total.map { "\(progress.done) of \($0)" } ?? String(progress.done)
        return [amount, progress.note, progress.breadcrumb.map { "at \"\($0)\"" }].compactMap(\.self)
            .joined(separator: ", ")
    }

    var attempts: Table {
        var table = Table([
            .init("#", .right), .init("OUTCOME"), .init("STARTED"), .init("TOOK"), .init("CPU"), .init("PEAK", .right),
            .init("OUT", .right), .init("GUEST", .right), .init("WHY"),
        ])
        for attempt in run.attempts {
            table.add([
                String(attempt.number), [attempt.outcome, attempt.detail].compactMap(\.self).joined(separator: ", "),
                attempt.startedAt?.rfc3339, attempt.took, attempt.cpu, attempt.peakMemory.map(ByteText.of),
                ByteText.of(attempt.outputBytes), attempt.host ?? attempt.guest.map(String.init), Self.why(attempt),
            ])
        }
        return table
    }

    /// An attempt that succeeded has no message; it may have come to a limit all the same, such as that of log lines.
    private static func why(_ attempt: AttemptView) -> String? {
        attempt.message ?? attempt.limit.map { "at its limit: \($0)" }
    }

    /// What the plugin reported about its attempts.
    private func printMetrics() {
        guard run.attempts.contains(where: { !$0.metrics.isEmpty }) else { return }
        var table = Table([.init("ATTEMPT", .right), .init("METRIC"), .init("VALUE", .right)])
        for attempt in run.attempts {
            for metric in attempt.metrics { table.add([String(attempt.number), metric.name, String(metric.value)]) }
        }
        Swift.print("\nmetrics")
        table.print()
    }
}

/// Log lines for people.
enum LogText {
    static func line(_ line: LogLineView) -> String {
        let time = line.at?.rfc3339 ?? ""
        let origin = line.stream == "log" ? line.level : line.stream
        return
            "\(time)  \(origin)\(String(repeating: " ", count: max(0, 7 - origin.count)))  \(Terminal.plain(line.line))"
    }
}
