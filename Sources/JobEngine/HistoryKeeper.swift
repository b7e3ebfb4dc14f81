import JobModel
import JobStore
import Logging

/// Lets history go that nobody wants kept: some time after the start, and then once in a while.
struct HistoryKeeper: Sendable {
    /// The first time waits until the host has found its feet.
    static let afterStart = Duration.seconds(60)

    let engine: JobEngine
    let logger: Logger

    /// Works until it is cancelled.
    func run() async {
        var pause = Self.afterStart
        let pace = SurplusPace()
        while (try? await Task.sleep(for: pause)) != nil {
            do throws(EngineError) {
                let rules = try await engine.historyRules()
                let count = try await engine.prune(rules, now: WallClock.now, pace: pace)
                if count > 0 { logger.info("history was pruned", metadata: ["runs": "\(count)"]) }
                pause = Self.pause(rules)
            } catch {
                logger.warning("history could not be pruned", metadata: ["reason": "\(error)"])
                pause = Self.afterStart
            }
        }
    }

    /// A tenth of what is kept shortest, from 10 s to an hour; a minute where runs are counted.
    static func pause(_ rules: HistoryRules) -> Duration {
        let all = [rules.host] + rules.jobs.values
        let counts = all.contains { policy in policy.said.values.contains { $0.count != nil } }
        let tenth = (all.compactMap(\.leastAge).min() ?? .seconds(36_000)) / 10
        return max(.seconds(10), min(counts ? .seconds(60) : .seconds(3_600), tenth))
    }
}

extension JobEngine {
    func historyRules() async throws(EngineError) -> HistoryRules {
        guard case .histories(let jobs) = try await asked(.histories) else { throw .stopping }
        return HistoryRules(host: history, jobs: jobs)
    }

    /// How many runs went.
    func prune(
        _ rules: HistoryRules, now: Instant, pace: SurplusPace = SurplusPace()
    ) async throws(EngineError) -> Int {
        try await read { store throws(StoreError) in try await store.prune(rules, now: now, pace: pace) }
    }
}
