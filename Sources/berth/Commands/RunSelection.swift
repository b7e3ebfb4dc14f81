import ArgumentParser
import HostHTTP
import JobModel
import NIOCore
import NIOHTTP1

/// One run, or all that a filter finds.
struct RunSelection: ParsableArguments {
    @Argument(help: "Number of the run, or last; or give --filter or --all.")
    var run: String?
    @Option(help: ArgumentHelp("All runs of which all of this holds.", valueName: "terms"))
    var filter: String?
    @Flag(help: "All runs to which it can be done.")
    var all = false
    @Flag(help: "With --filter or --all: only say which runs they are.")
    var dryRun = false
    @Option(help: "Why, for the history.")
    var reason: String?

    func validate() throws {
        let ways = [run != nil, filter != nil, all].count { $0 }
        guard ways == 1 else { throw ValidationError("Give the number of a run, --filter, or --all.") }
        guard run == nil || !dryRun else { throw ValidationError("--dry-run goes with --filter or --all.") }
    }

    /// Asks for the deed, and says what became of the one run, or of the many.
    func ask(_ deed: String, _ host: HostOptions, rate: String? = nil, _ one: (RunView) -> Void) async throws {
        if let run {
            guard rate == nil else { throw Failure(.usage, "--rate goes with --filter or --all.") }
            let body = JSONValue.object(present: ["reason": reason.map(JSONValue.string)])
            return try await host.show({ try await $0.post("/runs/\(HostClient.escape(run))/\(deed)", body) }) {
                one(RunView(json: $0))
            }
        }
        let body = JSONValue.object(present: [
            "filter": filter.map(JSONValue.string), "all": all ? true : nil, "dry_run": .bool(dryRun),
            "reason": reason.map(JSONValue.string), "rate": rate.map(JSONValue.string),
        ])
        try await host.show({ client in
            try await client.send(.POST, "/runs/\(deed)", body: body, patience: .hours(1))
        }) { print(BulkView(json: $0), deed) }
    }

    private func print(_ view: BulkView, _ deed: String) {
        if view.isDry {
            RunTable.table(view.runs, now: SystemClock.now).print()
            let more = view.matched - Int64(view.runs.count)
            Swift.print(
                "\(deed) would reach \(view.matched == 1 ? "1 run" : "\(view.matched) runs")"
                    + (more > 0 ? ", \(more) of them not shown" : ""))
            return
        }
        Swift.print("\(deed): \(view.changed) of \(view.matched) runs")
        if let refusal = view.firstRefusal { Swift.print("one that was left alone: \(Terminal.plain(refusal))") }
    }
}
