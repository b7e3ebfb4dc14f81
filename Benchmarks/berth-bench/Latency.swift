import Foundation
import JobEngine
import JobModel

/// From the call of enqueue to the first instruction of plugin code, by the plugin's own clock, on an idle host.
enum Latency {
    static func report(_ options: BenchOptions) async throws {
        let home = try BenchHome(options)
        defer { home.remove() }
        let readings = try await BenchHost.with(options, home) { host in
            let request = try host.request("chaos/clock", params: "{}")
            var microseconds: [Double] = []
            for round in 0..<550 {
                let start = Stopwatch.nanoseconds()
                let first = try await firstInstruction(host, request)
                if round >= 50 { microseconds.append(Double(first - start) / 1_000) }
            }
            return Readings(values: microseconds)
        }
        Bench.line("enqueue → first plugin instruction, p50 µs", Bench.text(readings.median, 0), floor: "1,000")
        Bench.line(
            "enqueue → first plugin instruction, p99 µs", Bench.text(readings.percentile(0.99), 0), floor: "5,000")
    }

    private static func firstInstruction(_ host: BenchHost, _ request: RunRequest) async throws -> Int64 {
        guard case .created(let run)? = try await host.engine.enqueue([request], actor: "bench").first else {
            throw BenchFailure("a run was refused")
        }
        let ended = try await host.engine.waitForEnd(of: run.id)
        struct Clock: Decodable { var monotonic_ns: Int64 }
        return try JSONDecoder().decode(Clock.self, from: Data(ended.output)).monotonic_ns
    }
}
