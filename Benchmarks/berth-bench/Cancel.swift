import JobEngine
import JobModel

/// From the call of cancel to the end of a cooperative run, stored and told.
enum Cancel {
    private static let runs = 100

    static func report(_ options: BenchOptions) async throws {
        let home = try BenchHome(options)
        defer { home.remove() }
        let readings = try await BenchHost.with(options, home) { host in
            let request = try host.request("chaos/sleep", params: "{\"seconds\":60}")
            var milliseconds = Readings()
            for round in 0..<runs + 10 {
                let time = try await cancelled(host, request)
                if round >= 10 { milliseconds.values.append(time) }
            }
            return milliseconds
        }
        Bench.row("cancel of a cooperative plugin, ms", readings, floor: "20", digits: 2)
        Bench.line("cancel of a cooperative plugin, p99 ms", Bench.text(readings.percentile(0.99), 2))
    }

    private static func cancelled(_ host: BenchHost, _ request: RunRequest) async throws -> Double {
        guard case .created(let run)? = try await host.engine.enqueue([request], actor: "bench").first else {
            throw BenchFailure("a run was refused")
        }
        while try await host.engine.run(run.id).state != .running { try await Task.sleep(for: .milliseconds(1)) }
        // It has been sent; let it come to its wait.
        try await Task.sleep(for: .milliseconds(5))
        let start = Stopwatch.nanoseconds()
        _ = try await host.engine.cancel(run.id, actor: "bench", reason: nil)
        let ended = try await host.engine.waitForEnd(of: run.id)
        let time = Double(Stopwatch.nanoseconds() - start) / 1e6
        guard ended.state == .cancelled else { throw BenchFailure("run \(run.id) is \(ended.state.word)") }
        return time
    }
}
