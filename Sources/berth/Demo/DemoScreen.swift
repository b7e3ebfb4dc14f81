import HostHTTP
import JobModel

/// Shows the table: redrawn in place in a terminal, elsewhere a line for each run that ended.
struct DemoScreen {
    var hints: [String]
    private var shown: RunID = 0
    private var plainTurns = 0

    init(hints: [String]) {
        self.hints = hints
    }

    mutating func show(_ table: DemoTable) {
        if Terminal.isOutput { redraw(table) } else { append(table) }
    }

    private func redraw(_ table: DemoTable) {
        let lines = table.lines(width: Terminal.width) + [""] + hints
        // Home, each line with its rest erased, then everything below: no flicker.
        print("\u{1b}[H" + lines.map { $0 + "\u{1b}[K" }.joined(separator: "\n") + "\u{1b}[J")
    }

    private mutating func append(_ table: DemoTable) {
        if plainTurns == 0 { print(hints.joined(separator: "\n")) }
        let ended = table.jobs.flatMap { job in job.recent.filter { $0.state?.isEnd == true && $0.id > shown } }
        for run in ended.sorted(by: { $0.id < $1.id }) {
            let words = [run.job, run.outcome?.replacing("_", with: " "), run.took, DemoReason.sentence(run)]
            print(words.compactMap(\.self).joined(separator: "  "))
        }
        shown = max(shown, ended.map(\.id).max() ?? 0)
        plainTurns += 1
        if plainTurns % 10 == 0 { print(table.totals.line) }
    }
}
