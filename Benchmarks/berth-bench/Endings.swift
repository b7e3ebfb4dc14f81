import Glibc
import GuestPool
import JobModel

/// How long after its cause an attempt is over, by the pool's word: a guest that dies, one that has to be killed, and one that
/// stops when it is asked.
enum Endings {
    static func report(_ options: BenchOptions) async throws {
        let stage = try await EndingStage(options)
        try await death(stage)
        try await hang(stage)
        try await ask(stage)
        await stage.pool.stop()
    }

    /// From SIGKILL to the end of the guest's attempt.
    private static func death(_ stage: EndingStage) async throws {
        var readings = Readings()
        for _ in 0..<1_000 {
            let (_, guest) = try await stage.begin("sleep")
            let killed = Stopwatch.nanoseconds()
            kill(guest, SIGKILL)
            let (_, heard) = try await stage.end(.crashed(.killedExternally))
            readings.values.append(Double(heard - killed) / 1e6)
        }
        line("SIGKILL of a guest → its end is heard, p99 ms", readings.percentile(0.99), readings, floor: "10")
    }

    /// What it takes beyond limit and grace until one that spins and ignores SIGTERM is reaped.
    private static func hang(_ stage: EndingStage) async throws {
        let limit = Duration.milliseconds(100)
        var readings = Readings()
        for _ in 0..<100 {
            stage.order("loop", limit: limit, grace: limit)
            let (end, _) = try await stage.end(.timedOut)
            guard let reaped = end.evidence?.steps.first(where: { $0.kind == .reaped }) else {
                throw BenchFailure("a guest that hangs was not killed")
            }
            readings.values.append((reaped.at - end.startedAt - limit - limit) / .milliseconds(1))
        }
        line("hung guest is gone after limit + grace, most ms", readings.highest, readings, floor: "100")
    }

    private static func ask(_ stage: EndingStage) async throws {
        var readings = Readings()
        for _ in 0..<300 {
            let (attempt, _) = try await stage.begin("sleep")
            // It has begun; let it come to its wait.
            try await Task.sleep(for: .milliseconds(5))
            let asked = Stopwatch.nanoseconds()
            stage.pool.submit([.end(attempt, .cancel)])
            let (_, heard) = try await stage.end(.cancelled)
            readings.values.append(Double(heard - asked) / 1e6)
        }
        line("ask → end of a cooperative attempt, p50 ms", readings.median, readings, floor: "2")
    }

    private static func line(_ what: String, _ value: Double, _ readings: Readings, floor: String) {
        let spread = "\(Bench.text(readings.lowest, 2))–\(Bench.text(readings.highest, 2))"
        Bench.line(what, Bench.text(value, 2), spread: spread, floor: floor)
    }
}
