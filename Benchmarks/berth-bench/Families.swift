import Foundation

/// Processors that emit a thousand children each: from the enqueue of the parents to the end of the last reduce.
enum Families {
    private static let parents = 50
    private static let children = 1_000

    static func report(_ options: BenchOptions) async throws {
        var readings = Readings()
        for _ in 0..<options.rounds {
            let home = try BenchHome(options)
            defer { home.remove() }
            let seconds = try await BenchHost.with(options, home) { host in
                let start = Stopwatch.nanoseconds()
                try await host.enqueue(host.request("bench/family", params: "{}"), parents)
                try await host.drained()
                let seconds = Double(Stopwatch.nanoseconds() - start) / 1e9
                let succeeded = try await host.succeeded()
                guard succeeded == parents * (children + 1) else {
                    throw BenchFailure("\(succeeded) runs of \(parents) families succeeded")
                }
                return seconds
            }
            readings.values.append(Double(parents * children) / seconds)
        }
        Bench.row("families of \(children) children, children/s", readings)
    }
}
