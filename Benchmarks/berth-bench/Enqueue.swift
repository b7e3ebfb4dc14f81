import Foundation
import JobEngine
import JobModel

/// Durable enqueue: the call returns after its run is on disk.
enum Enqueue {
    static func report(_ options: BenchOptions) async throws {
        var (single, batches) = (Readings(), Readings())
        var (singleCPU, batchesCPU) = (Readings(), Readings())
        for _ in 0..<options.rounds {
            let home = try BenchHome(options)
            defer { home.remove() }
            let (one, many) = try await BenchHost.with(options, home) { host in
                try await host.pause()
                let request = try host.request("chaos/noop", params: "{}")
                return (
                    try await timed(64 * 500) { try await callers(host, request, each: 500) },
                    try await timed(100_000) { try await host.enqueue(request, 100_000) }
                )
            }
            single.values.append(one.runsPerSecond)
            singleCPU.values.append(one.cpuPerThousand)
            batches.values.append(many.runsPerSecond)
            batchesCPU.values.append(many.cpuPerThousand)
        }
        Bench.row("durable enqueue, 64 callers, one run each, runs/s", single, floor: "15,000")
        Bench.row("CPU seconds per 1,000 of them", singleCPU, digits: 4)
        Bench.row("durable enqueue, batches of 1,000, runs/s", batches, floor: "100,000")
        Bench.row("CPU seconds per 1,000 in batches", batchesCPU, digits: 4)
    }

    private static func timed(_ runs: Int, _ body: () async throws -> Void) async throws -> Drain.Round {
        let (cpu, start) = (Stopwatch.ownCPU(), Stopwatch.nanoseconds())
        try await body()
        let seconds = Double(Stopwatch.nanoseconds() - start) / 1e9
        return Drain.Round(
            runsPerSecond: Double(runs) / seconds, cpuPerThousand: (Stopwatch.ownCPU() - cpu) / Double(runs) * 1_000)
    }

    private static func callers(_ host: BenchHost, _ request: RunRequest, each: Int) async throws {
        try await withThrowingTaskGroup(of: Void.self) { tasks in
            for _ in 0..<64 {
                tasks.addTask {
                    for _ in 0..<each { _ = try await host.engine.enqueue([request], actor: "bench") }
                }
            }
            try await tasks.waitForAll()
        }
    }
}
