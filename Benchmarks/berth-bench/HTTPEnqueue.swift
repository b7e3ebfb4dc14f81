import Foundation
import Synchronization

/// Durable enqueue through the door of a real `berth serve`: one run per request from 64 connections, and lines of a
/// thousand from one. The client's own work is part of it, on the same processors.
enum HTTPEnqueue {
    static func report(_ options: BenchOptions) async throws {
        var (single, lines) = (Readings(), Readings())
        var (singleCPU, linesCPU) = (Readings(), Readings())
        for _ in 0..<options.rounds {
            let home = try BenchHome(options)
            defer { home.remove() }
            let host = try ServedHost(options, home: home.url)
            defer { host.stop() }
            try HTTPCaller(home.url).send(
                HTTPCaller.request("PUT", "/queues/default", "{\"paused\":true}"), wanted: 200)
            let one = HTTPCaller.request("POST", "/runs", "{\"component\":\"chaos/noop\"}")
            let singles = try timed(host, runs: 64 * 300) { try callers(64, home.url, one, each: 300) }
            single.values.append(singles.runsPerSecond)
            singleCPU.values.append(singles.cpuPerThousand)
            let body = String(repeating: "{\"component\":\"chaos/noop\"}\n", count: 1_000)
            let thousand = HTTPCaller.request("POST", "/runs", type: "application/x-ndjson", body)
            let many = try timed(host, runs: 50_000) { try callers(1, home.url, thousand, each: 50) }
            lines.values.append(many.runsPerSecond)
            linesCPU.values.append(many.cpuPerThousand)
        }
        Bench.row("HTTP enqueue, 64 connections, one run each, runs/s", single, floor: "6,000")
        Bench.row("CPU seconds of the host per 1,000 of them", singleCPU, digits: 4)
        Bench.row("HTTP enqueue, lines of 1,000, runs/s", lines, floor: "50,000")
        Bench.row("CPU seconds of the host per 1,000 in lines", linesCPU, digits: 4)
    }

    private static func timed(_ host: ServedHost, runs: Int, _ body: () throws -> Void) throws -> Drain.Round {
        let (cpu, start) = (try host.usage().cpuSeconds, Stopwatch.nanoseconds())
        try body()
        let seconds = Double(Stopwatch.nanoseconds() - start) / 1e9
        return Drain.Round(
            runsPerSecond: Double(runs) / seconds,
            cpuPerThousand: (try host.usage().cpuSeconds - cpu) / Double(runs) * 1_000)
    }

    /// A thread for each.
    private static func callers(_ count: Int, _ home: URL, _ request: [UInt8], each: Int) throws {
        let failure = Mutex<(any Error)?>(nil)
        let group = DispatchGroup()
        for _ in 0..<count {
            group.enter()
            let thread = Thread {
                do {
                    let caller = try HTTPCaller(home)
                    for _ in 0..<each { try caller.send(request, wanted: 201) }
                } catch {
                    failure.withLock { $0 = error }
                }
                group.leave()
            }
            thread.start()
        }
        group.wait()
        if let error = failure.withLock({ $0 }) { throw error }
    }
}
