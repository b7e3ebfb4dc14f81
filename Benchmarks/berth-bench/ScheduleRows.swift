import Foundation
import JobEngine
import JobModel
import JobStore
import Logging

/// What schedules cost: a start with many of them, lateness, and a host that only waits.
enum ScheduleRows {
    static func report(_ options: BenchOptions) async throws {
        try await lateness(options)
        try await start(options, what: "100,000 schedules") { store in
            for first in stride(from: 0, to: 100_000, by: 1_000) {
                try await store.apply((first..<first + 1_000).map { .putJob(job($0)) })
            }
        }
        try await start(options, what: "1,000,000 runs due later") { store in
            guard let component = ComponentName("chaos/noop") else { throw BenchFailure("no component name") }
            for first in stride(from: 0, to: 1_000_000, by: 10_000) {
                try await store.apply(
                    (first..<first + 10_000).map {
                        .insert(pending($0, component, due: now() + .seconds(86_400 + $0 % 86_400)))
                    })
            }
        }
        try await backlog(options)
        try await idle(options)
    }

    /// A million runs that are due when the host starts, and are drained by it.
    private static func backlog(_ options: BenchOptions) async throws {
        guard let component = ComponentName("chaos/noop") else { throw BenchFailure("no component name") }
        let count = 1_000_000
        let home = try await prepared(options) { store in
            for first in stride(from: 0, to: count, by: 10_000) {
                try await store.apply((first..<first + 10_000).map { .insert(pending($0, component, due: now())) })
            }
        }
        defer { home.remove() }
        let host = try ServedHost(options, home: home.url)
        defer { host.stop() }
        let start = Stopwatch.nanoseconds()
        Bench.line(
            "start with 1,000,000 runs due now, ms", Bench.text(host.secondsToBanner * 1_000, 0), floor: "10,000")
        let database = home.url.path + "/berth.db"
        while try AttemptRows.count(database: database, from: RunID(count - 100)) < 100 {
            try await Task.sleep(for: .milliseconds(100))
        }
        let seconds = Double(Stopwatch.nanoseconds() - start) / 1e9
        Bench.line("drain of them by berth serve, runs/s", Bench.text(Double(count) / seconds, 0))
        Bench.line("memory at its highest, MB", Bench.text(try host.usage().peakMegabytes, 0))
    }

    /// Hourly, each at a minute of its own.
    private static func job(_ number: Int) -> JobRecord {
        let definition = JobDefinition(
            name: "job-\(number)", component: "chaos/noop",
            schedule: .cron("\(number % 60) * * * *", zone: "Europe/Berlin"))
        return JobRecord(
            id: JobID(number + 1), definition: definition, source: "api", anchor: now(), createdAt: now())
    }

    private static func pending(_ number: Int, _ component: ComponentName, due: Instant) -> RunRecord {
        RunRecord(
            id: RunID(number + 1), component: component, queue: "default", due: due, createdAt: now(),
            params: Array("{}".utf8))
    }

    private static func now() -> Instant { Instant(microseconds: Int64(Date().timeIntervalSince1970 * 1e6)) }

    private static func prepared(
        _ options: BenchOptions, _ prepare: (JobStore) async throws -> Void
    ) async throws -> BenchHome {
        let home = try BenchHome(options)
        let store = try JobStore(home: home.url.path, logger: Logger(label: "bench"))
        try await prepare(store)
        store.close()
        return home
    }

    private static func start(
        _ options: BenchOptions, what: String, _ prepare: (JobStore) async throws -> Void
    ) async throws {
        let home = try await prepared(options, prepare)
        defer { home.remove() }
        var seconds = Readings()
        var megabytes = Readings()
        for _ in 0..<options.rounds {
            let host = try ServedHost(options, home: home.url)
            seconds.values.append(host.secondsToBanner)
            megabytes.values.append(try host.usage().residentMegabytes)
            host.stop()
        }
        let milliseconds = Readings(values: seconds.values.map { $0 * 1_000 })
        Bench.row("start with \(what), ms", milliseconds, floor: "10,000")
        Bench.row("memory after it, MB", megabytes)
    }

    /// A host with a thousand schedules that have nothing to do, for half a minute.
    private static func idle(_ options: BenchOptions) async throws {
        let home = try await prepared(options) { store in
            let minute = Calendar.current.component(.minute, from: Date())
            // None is due while we look.
            let jobs = (0..<1_000).map { number in
                var record = job(number)
                record.definition.schedule = .cron("\((minute + 5 + number % 50) % 60) * * * *", zone: nil)
                return Mutation.putJob(record)
            }
            try await store.apply(jobs)
        }
        defer { home.remove() }
        let host = try ServedHost(options, home: home.url)
        defer { host.stop() }
        try await Task.sleep(for: .seconds(5))
        let before = try host.usage()
        let seconds = 30.0
        try await Task.sleep(for: .seconds(seconds))
        let after = try host.usage()
        Bench.line("idle host, 1,000 schedules: memory, MB", Bench.text(after.residentMegabytes, 0), floor: "80")
        let cpu = (after.cpuSeconds - before.cpuSeconds) / seconds * 100
        Bench.line("idle host: processor, %", Bench.text(cpu, 2), floor: "1")
        let wakes = after.wakeUps(since: before) / seconds
        Bench.line("idle host: wake-ups per second", Bench.text(wakes, 1))
    }

    /// A hundred jobs due at the same instant, from it to the first instruction of plugin code by the plugin's own clock.
    private static func lateness(_ options: BenchOptions) async throws {
        let home = try BenchHome(options)
        defer { home.remove() }
        let readings = try await BenchHost.with(options, home) { host in
            var microseconds: [Double] = []
            for round in 0...options.rounds {
                let late = try await hundred(host, round)
                if round > 0 { microseconds += late }
            }
            return Readings(values: microseconds)
        }
        Bench.line("100 due at once: lateness, p50 µs", Bench.text(readings.median, 0))
        Bench.line("100 due at once: lateness, p99 µs", Bench.text(readings.percentile(0.99), 0), floor: "20,000")
    }

    private static func hundred(_ host: BenchHost, _ round: Int) async throws -> [Double] {
        let due = now() + .seconds(1)
        let jobs = (0..<100).map { number in
            JobDefinition(name: "r\(round)-\(number)", component: "chaos/clock", schedule: .at(due))
        }
        _ = try await host.engine.apply(jobs, source: "api", prune: true, actor: "bench")
        // Both clocks, read together: the plugin tells its time by the monotonic one.
        let wallToMonotonic = Double(Stopwatch.nanoseconds()) - Date().timeIntervalSince1970 * 1e9
        let dueMonotonic = Double(due.microseconds) * 1_000 + wallToMonotonic
        try await Task.sleep(for: .seconds(1))
        struct Clock: Decodable { var monotonic_ns: Int64 }
        var late: [Double] = []
        for job in jobs {
            let run = try await host.engine.waitForEnd(of: firedRun(host, job.name))
            let clock = try JSONDecoder().decode(Clock.self, from: Data(run.output))
            late.append((Double(clock.monotonic_ns) - dueMonotonic) / 1_000)
        }
        return late
    }

    private static func firedRun(_ host: BenchHost, _ job: String) async throws -> RunID {
        for _ in 0..<1_000 {
            if let run = try await host.engine.job(job).lastRun { return run.id }
            try await Task.sleep(for: .milliseconds(5))
        }
        throw BenchFailure("\(job) did not fire")
    }
}

extension JobStore {
    /// Applies a batch and waits for its commit.
    func apply(_ batch: [Mutation]) async throws {
        let result = await withCheckedContinuation { done in submit(batch) { done.resume(returning: $0) } }
        for case .refused(let reason) in try result.get() { throw BenchFailure("the store refused: \(reason)") }
    }
}
