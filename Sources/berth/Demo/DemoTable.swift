import HostHTTP
import JobModel

/// The demo's screen as text: what each job did and why, and the totals. Pure, so that it can be tested.
struct DemoTable {
    struct Row {
        var job: String
        var component: String
        var next: String
        var last: String
        var took: String
        var marks: String
        var why: String
    }

    static let titles = Row(
        job: "JOB", component: "COMPONENT", next: "NEXT", last: "LAST", took: "TOOK", marks: "RECENT", why: "WHY")

    var rows: [Row]
    var totals: DemoTotals

    /// Lines no longer than `width` characters.
    func lines(width: Int) -> [String] {
        let all = [Self.titles] + rows
        let columns: [KeyPath<Row, String>] = [\.job, \.component, \.next, \.last, \.took, \.marks]
        let widths = columns.map { column in all.map { $0[keyPath: column].count }.max() ?? 0 }
        let table = all.map { row in
            let cells = zip(columns, widths).map { column, width in row[keyPath: column].padded(to: width) }
            return (cells + [row.why]).joined(separator: "  ")
        }
        return (table + ["", totals.line]).map { String($0.prefix(width)) }
    }
}

extension DemoTable.Row {
    /// - Parameter recent: the job's newest runs, new to old.
    init(_ job: JobView, recent: [RunView], now: Instant) {
        let ended = recent.first { $0.state?.isEnd == true }
        self.init(
            job: job.name, component: job.component,
            next: job.nextFire.map { Self.countdown($0 - now) } ?? "–",
            last: ended?.outcome?.replacing("_", with: " ") ?? "–", took: ended?.took ?? "–",
            marks: String(recent.reversed().map(Self.mark)).padded(to: 12),
            why: ended.map(DemoReason.sentence) ?? job.obstacle ?? "not run yet")
    }

    private static func countdown(_ wait: Duration) -> String {
        wait < .seconds(1) ? "now" : "\(wait.components.seconds) s"
    }

    /// One character for a run, old to new in the table.
    static func mark(_ run: RunView) -> Character {
        switch (run.state, run.outcome) {
        case (.succeeded, _): "✓"
        case (.pending, nil), (.running, _): "·"
        case (.pending, _): "↻"
        case (_, "crashed"): "☠"
        case (_, "timed_out"): "⧖"
        case (.cancelled, _): "⊘"
        case (.skipped, _): "–"
        default: "✗"
        }
    }
}

extension String {
    func padded(to width: Int) -> String {
        self + String(repeating: " ", count: max(0, width - count))
    }
}
