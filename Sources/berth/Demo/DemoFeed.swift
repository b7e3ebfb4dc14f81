import HostHTTP
import JobModel

/// Reads the demo's screen from the host's API, as any other client could.
struct DemoFeed {
    private var before: (ended: Int64, at: Instant)?
    /// Crashes of hosts that were killed meanwhile: each host counts from its own start.
    private var crashesOfEarlierHosts: Int64 = 0
    private var crashes: Int64 = 0

    static let marks = 12

    mutating func table(_ client: HostClient, load: DemoLoad, hostKills: Int) async throws(Failure) -> DemoTable {
        let status = StatusView(json: try await client.get("/status"))
        var jobs: [(JobView, [RunView])] = []
        for job in (try await client.get("/jobs"))["jobs"]?.array ?? [] {
            let view = JobView(json: job)
            let page = RunPageView(json: try await client.get("/runs", ["job": view.name, "limit": "\(Self.marks)"]))
            jobs.append((view, try await withOutput(page.runs, client)))
        }
        let now = status.now ?? SystemClock.now
        return DemoTable(jobs: jobs, totals: await totals(status, load, hostKills, now), now: now)
    }

    /// Lists leave out outputs; the newest success is asked for whole, for its WHY.
    private func withOutput(_ runs: [RunView], _ client: HostClient) async throws(Failure) -> [RunView] {
        guard let index = runs.firstIndex(where: { $0.outcome != nil }), runs[index].state == .succeeded else {
            return runs
        }
        var runs = runs
        runs[index] = try await client.whole(String(runs[index].id))
        return runs
    }

    private mutating func totals(
        _ status: StatusView, _ load: DemoLoad, _ hostKills: Int, _ now: Instant
    ) async -> DemoTotals {
        let ended = [RunState.succeeded, .failed, .cancelled].reduce(0) { $0 + status.count($1) }
        var totals = DemoTotals()
        if let before, now > before.at {
            totals.runsPerSecond = Double(ended - before.ended) / (Double((now - before.at).microseconds) / 1e6)
        }
        before = (ended, now)
        let counted = status.integer("crashes") ?? 0
        if counted < crashes { crashesOfEarlierHosts += crashes }
        crashes = counted
        totals.crashesContained = crashesOfEarlierHosts + crashes
        totals.startLatency = status.text("start_latency")
        totals.hostKills = hostKills
        totals.acknowledged = await load.acknowledged
        totals.lost = await load.lost
        return totals
    }
}
