import Foundation
import JobEngine
import JobModel

/// Drains pending runs of a handler that does nothing but count, and checks that every one left its traces.
enum Drain {
    struct Round {
        var runsPerSecond: Double
        var cpuPerThousand: Double
    }

    static func report(_ options: BenchOptions) async throws {
        var (bare, drain) = (Readings(), Readings())
        var (bareCPU, cpu) = (Readings(), Readings())
        for _ in 0..<options.rounds {
            let ceiling = try BarePipeline.measure(folder: options.scratch.path, runs: options.runs, batch: 256)
            bare.values.append(ceiling.runsPerSecond)
            bareCPU.values.append(ceiling.cpuPerThousand)
            let home = try BenchHome(options)
            defer { home.remove() }
            let round = try await measure(options, home)
            drain.values.append(round.runsPerSecond)
            cpu.values.append(round.cpuPerThousand)
        }
        Bench.row("bare pipeline, runs/s", bare)
        Bench.row("its CPU seconds per 1,000 runs", bareCPU, digits: 4)
        Bench.row("drain of \(options.runs) pending no-op runs, runs/s", drain, floor: "25,000")
        Bench.line("drain : bare pipeline", Bench.text(drain.median / bare.median, 2))
        Bench.row("CPU seconds per 1,000 runs drained", cpu, digits: 4)
    }

    /// One host over a home, which may have runs that have ended already.
    static func measure(_ options: BenchOptions, _ home: BenchHome) async throws -> Round {
        let counter = home.url.appendingPathComponent("counter")
        try Data(count: 8).write(to: counter)
        let guests = Stopwatch.guestsCPU()
        var round = try await BenchHost.with(options, home) { host in
            let before = try await host.succeeded()
            let request = try host.request(
                "chaos/count", params: "{\"path\":\"\(counter.path)\"}", write: [counter.path])
            let first = try await host.enqueuePaused(request, options.runs)
            let (cpu, start) = (Stopwatch.ownCPU(), Stopwatch.nanoseconds())
            try await host.letGo()
            try await host.drained()
            let seconds = Double(Stopwatch.nanoseconds() - start) / 1e9
            let used = Stopwatch.ownCPU() - cpu
            let succeeded = try await host.succeeded() - before
            let attempts = try AttemptRows.count(database: home.url.path + "/berth.db", from: first)
            guard succeeded == options.runs, attempts == options.runs else {
                throw BenchFailure("\(options.runs) runs: \(succeeded) succeeded, \(attempts) attempts are stored")
            }
            return Round(
                runsPerSecond: Double(options.runs) / seconds, cpuPerThousand: used / Double(options.runs) * 1_000)
        }
        // The guests have ended by now, and ran nothing but this.
        round.cpuPerThousand += (Stopwatch.guestsCPU() - guests) / Double(options.runs) * 1_000
        let count = try Data(contentsOf: counter).withUnsafeBytes { $0.loadUnaligned(as: UInt64.self) }
        guard count == UInt64(options.runs) else { throw BenchFailure("the plugin counted \(count) runs") }
        return round
    }
}
