import ArgumentParser
import HostHTTP
import JobModel

struct StatusCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "status", abstract: "How the host is doing, on one screen.",
        discussion: "Says what fails, what has waited longest, and which plugins are in trouble.")

    @OptionGroup var host: HostOptions

    func run() async throws {
        try await host.show({ try await $0.get("/status") }) { StatusScreen(StatusView(json: $0)).print() }
    }
}

/// The screen of `berth status`.
struct StatusScreen {
    private let status: StatusView

    init(_ status: StatusView) {
        self.status = status
    }

    func print() {
        Swift.print(headline)
        if let trouble = status.trouble {
            Swift.print("TROUBLE (\(status.troubleCode ?? "?")): \(Terminal.plain(trouble))")
        }
        if let words = status.schedulesRest { Swift.print("schedules \(Terminal.plain(words))") }
        Swift.print(counts)
        if let figures = status.figures, let words = figures.words { Swift.print(words) }
        Swift.print()
        QueueTable.table(status.queues).print()
        section("upstreams", status.upstreams) { UpstreamTable.table($0, now: SystemClock.now).print() }
        section("held runs, which wait for you: `berth runs retry`, `resume` or `resolve`\(moreHeld)", status.held) {
            RunTable.table($0, now: SystemClock.now).print()
        }
        section("failing jobs", status.failingJobs) { JobTable.table($0, now: SystemClock.now).print() }
        section("refused definitions\(more)", status.refused) { RefusedTable.table($0).print() }
        section("quarantined", status.quarantined) { rows in
            var table = Table([.init("COMPONENT"), .init("UNTIL"), .init("WHY")])
            for row in rows { table.add([row.name, row.until?.rfc3339, row.reason]) }
            table.print()
        }
        section("plugins in trouble", status.pluginsInTrouble) { PluginTable.table($0).print() }
    }

    private var more: String {
        let hidden = Int(status.refusedCount) - status.refused.count
        return hidden > 0 ? " (\(hidden) more in `berth job list`)" : ""
    }

    private var moreHeld: String {
        let hidden = Int(status.count(.held)) - status.held.count
        return hidden > 0 ? " (\(hidden) more in `berth runs list --state held`)" : ""
    }

    private func section<View>(_ title: String, _ views: [View], _ show: ([View]) -> Void) {
        guard !views.isEmpty else { return }
        Swift.print("\n\(title)")
        show(views)
    }

    private var headline: String {
        let since = RelativeTime.words(status.startedAt, now: status.now ?? SystemClock.now) ?? "?"
        return "berth \(status.version), started \(since); jobs: \(status.integer("jobs") ?? 0), "
            + "active plugins: \(status.integer("active_plugins") ?? 0)"
    }

    private var counts: String {
        let states = RunState.allCases.compactMap { state in
            let count = status.count(state)
            return count > 0 ? "\(count) \(state.word)" : nil
        }
        let crashes = status.integer("crashes") ?? 0
        return "runs: " + (states.isEmpty ? "none" : states.joined(separator: ", "))
            + (crashes > 0 ? "; \(crashes) crashes contained since the start" : "")
    }
}
