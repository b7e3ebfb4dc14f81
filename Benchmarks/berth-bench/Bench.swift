import Foundation
import JobEngine
import JobModel

/// Measures what the design sets floors for, next to the bare pipeline in the same run, and prints one table.
@main enum Bench {
    static func main() async {
        if CommandLine.arguments.dropFirst().first == "echo" { EchoChild.serve() }
        do {
            let options = try BenchOptions(arguments: CommandLine.arguments)
            try FileManager.default.createDirectory(at: options.scratch, withIntermediateDirectories: true)
            if let rate = options.rate {
                try await DispatchLoad.report(options, rate: rate, seconds: options.seconds)
            } else {
                try await measure(options)
            }
        } catch {
            FileHandle.standardError.write(Data("berth-bench: \(error)\n".utf8))
            exit(1)
        }
    }

    private static func measure(_ options: BenchOptions) async throws {
        var bare = Readings(values: [])
        var drain = Readings(values: [])
        var cpu = Readings(values: [])
        for _ in 0..<options.rounds {
            bare.values.append(
                try BarePipeline.measure(folder: options.scratch.path, runs: options.runs, batch: 256))
            let round = try await Drain.measure(options)
            drain.values.append(round.runsPerSecond)
            cpu.values.append(round.cpuPerThousand)
        }
        print("| What | Median | Spread | Floor |\n| --- | --- | --- | --- |")
        row("bare pipeline, runs/s", bare, floor: "–")
        row("drain of \(options.runs) pending no-op runs, runs/s", drain, floor: "25,000")
        print("| drain : bare pipeline | \(ratio(drain, bare)) | | – |")
        print("| CPU seconds per 1,000 runs drained | \(String(format: "%.4f", cpu.median)) | | – |")
        try await Enqueue.report(options)
        try await Latency.report(options)
        try await CatalogStart.report(options)
        try await SandboxEntry.report(options)
        try await ScheduleRows.report(options)
    }

    static func row(_ what: String, _ readings: Readings, floor: String) {
        print("| \(what) | \(whole(readings.median)) | \(readings.spread) | \(floor) |")
    }

    private static func ratio(_ left: Readings, _ right: Readings) -> String {
        String(format: "%.2f", left.median / right.median)
    }
}

/// Drains pending runs of a handler that does nothing but count, and checks that every one left its traces.
enum Drain {
    struct Round {
        var runsPerSecond: Double
        var cpuPerThousand: Double
    }

    static func measure(_ options: BenchOptions) async throws -> Round {
        let counter = options.scratch.appendingPathComponent("counter")
        try Data(count: 8).write(to: counter)
        let guests = Stopwatch.guestsCPU()
        var round = try await BenchHost.with(options) { host in
            let request = try host.request(
                "chaos/count", params: "{\"path\":\"\(counter.path)\"}", write: [counter.path])
            _ = try await host.engine.setQueue("default", QueueChange(slots: nil, paused: true), actor: "bench")
            for start in stride(from: 0, to: options.runs, by: 1_000) {
                let requests = Array(repeating: request, count: min(1_000, options.runs - start))
                _ = try await host.engine.enqueue(requests, actor: "bench")
            }
            let cpu = Stopwatch.ownCPU()
            let start = Stopwatch.nanoseconds()
            _ = try await host.engine.setQueue("default", QueueChange(slots: nil, paused: false), actor: "bench")
            try await host.drained()
            let seconds = Double(Stopwatch.nanoseconds() - start) / 1e9
            let used = Stopwatch.ownCPU() - cpu
            try await check(host, runs: options.runs)
            return Round(
                runsPerSecond: Double(options.runs) / seconds, cpuPerThousand: used / Double(options.runs) * 1_000)
        }
        // The guests have ended by now, and ran nothing but this.
        round.cpuPerThousand += (Stopwatch.guestsCPU() - guests) / Double(options.runs) * 1_000
        try check(counter: counter, runs: options.runs)
        return round
    }

    private static func check(_ host: BenchHost, runs: Int) async throws {
        let succeeded = try await host.engine.status().counts[.succeeded, default: 0]
        guard succeeded == runs else { throw BenchFailure("\(succeeded) of \(runs) runs succeeded") }
        let attempts = try AttemptRows.count(database: host.home.appendingPathComponent("berth.db").path)
        guard attempts == runs else { throw BenchFailure("\(attempts) attempt rows for \(runs) runs") }
    }

    private static func check(counter: URL, runs: Int) throws {
        let count = try Data(contentsOf: counter).withUnsafeBytes { $0.loadUnaligned(as: UInt64.self) }
        guard count == UInt64(runs) else { throw BenchFailure("the plugin counted \(count) of \(runs) runs") }
    }
}

/// Durable enqueue: the call returns after its run is on disk.
enum Enqueue {
    static func report(_ options: BenchOptions) async throws {
        var single = Readings(values: [])
        var batches = Readings(values: [])
        for _ in 0..<options.rounds {
            let (one, many) = try await BenchHost.with(options) { host in
                _ = try await host.engine.setQueue("default", QueueChange(slots: nil, paused: true), actor: "bench")
                let request = try host.request("chaos/noop", params: "{}")
                return (try await callers(host, request, each: 500), try await inBatches(host, request, count: 100))
            }
            single.values.append(one)
            batches.values.append(many)
        }
        Bench.row("durable enqueue, 64 callers, one run each, runs/s", single, floor: "15,000")
        Bench.row("durable enqueue, batches of 1,000, runs/s", batches, floor: "100,000")
    }

    private static func callers(_ host: BenchHost, _ request: RunRequest, each: Int) async throws -> Double {
        let start = Stopwatch.nanoseconds()
        try await withThrowingTaskGroup(of: Void.self) { tasks in
            for _ in 0..<64 {
                tasks.addTask {
                    for _ in 0..<each { _ = try await host.engine.enqueue([request], actor: "bench") }
                }
            }
            try await tasks.waitForAll()
        }
        return Double(64 * each) / (Double(Stopwatch.nanoseconds() - start) / 1e9)
    }

    private static func inBatches(_ host: BenchHost, _ request: RunRequest, count: Int) async throws -> Double {
        let requests = Array(repeating: request, count: 1_000)
        let start = Stopwatch.nanoseconds()
        for _ in 0..<count { _ = try await host.engine.enqueue(requests, actor: "bench") }
        return Double(1_000 * count) / (Double(Stopwatch.nanoseconds() - start) / 1e9)
    }
}

/// From the call of enqueue to the first instruction of plugin code, by the plugin's own clock, on an idle host.
enum Latency {
    static func report(_ options: BenchOptions) async throws {
        let readings = try await BenchHost.with(options) { host in
            let request = try host.request("chaos/clock", params: "{}")
            var microseconds: [Double] = []
            for round in 0..<550 {
                let start = Stopwatch.nanoseconds()
                let first = try await firstInstruction(host, request)
                if round >= 50 { microseconds.append(Double(first - start) / 1_000) }
            }
            return Readings(values: microseconds)
        }
        print("| enqueue → first plugin instruction, p50 µs | \(whole(readings.median)) | | 1,000 |")
        print("| enqueue → first plugin instruction, p99 µs | \(whole(readings.percentile(0.99))) | | 5,000 |")
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
