import Foundation

/// Attempts that each read a value of their plugin and write it back, on disk before they go on.
enum PluginState {
    private static let runs = 10_000

    static func report(_ options: BenchOptions) async throws {
        var readings = Readings()
        for _ in 0..<options.rounds {
            let home = try BenchHome(options)
            defer { home.remove() }
            let seconds = try await BenchHost.with(options, home) { host in
                _ = try await host.enqueuePaused(host.request("bench/tally", params: "{}"), runs)
                let start = Stopwatch.nanoseconds()
                try await host.letGo()
                try await host.drained()
                let seconds = Double(Stopwatch.nanoseconds() - start) / 1e9
                let succeeded = try await host.succeeded()
                guard succeeded == runs else { throw BenchFailure("\(succeeded) of \(runs) tallies succeeded") }
                return seconds
            }
            readings.values.append(Double(runs) / seconds)
        }
        Bench.row("runs that read and write a value of their plugin, runs/s", readings)
    }
}
