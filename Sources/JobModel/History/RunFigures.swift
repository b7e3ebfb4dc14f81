/// What has become of the runs of a component or of a job, since it is known: kept up with every end, never counted from
/// rows, so that it outlives their pruning. Two of them add up to one.
package struct RunFigures: Hashable, Sendable {
    /// By the number of the state less that of `succeeded`.
    private var endCounts: [Int64] = Array(repeating: 0, count: RunState.allCases.count - RunState.succeeded.rawValue)
    /// By the kind of the outcome, as it is stored.
    private var attemptCounts: [Int64] = Array(repeating: 0, count: Self.attemptWords.count)
    /// Of attempts that came to an end by themselves, well or not.
    package var durations = DurationHistogram()

    package init() {}

    package init(ends: [RunState: Int64], attempts: [Int64], durations: DurationHistogram) {
        for (state, count) in ends where state.isEnd { endCounts[Self.index(state)] = count }
        for (kind, count) in attempts.prefix(attemptCounts.count).enumerated() { attemptCounts[kind] = count }
        self.durations = durations
    }

    /// Runs that ended in a state. One that was given another go has ended twice.
    package func ends(_ state: RunState) -> Int64 { state.isEnd ? endCounts[Self.index(state)] : 0 }

    /// Attempts by how they ended, in the order of `attemptWords`.
    package var attempts: [Int64] { attemptCounts }

    /// The outcomes as `Outcome.word` has them.
    package static let attemptWords = ["succeeded", "failed", "cancelled", "timed_out", "crashed", "interrupted"]

    /// Of the runs that came to an end by what their attempts did. Nil when there were none.
    package var successRate: Double? {
        let good = ends(.succeeded)
        let all = good + ends(.failed)
        return all > 0 ? Double(good) / Double(all) : nil
    }

    package var isEmpty: Bool { endCounts.allSatisfy { $0 == 0 } && attemptCounts.allSatisfy { $0 == 0 } }

    package mutating func countEnd(_ state: RunState, _ count: Int64 = 1) {
        guard state.isEnd else { return }
        endCounts[Self.index(state)] += count
    }

    package mutating func count(_ end: AttemptEnd) {
        attemptCounts[end.outcome.stored / 100] += 1
        switch end.outcome {
        case .succeeded, .failed: durations.add(max(.zero, end.finishedAt - end.startedAt))
        case .cancelled, .timedOut, .crashed, .interrupted: break
        }
    }

    package mutating func add(_ other: RunFigures) {
        for index in endCounts.indices { endCounts[index] += other.endCounts[index] }
        for index in attemptCounts.indices { attemptCounts[index] += other.attemptCounts[index] }
        durations.add(other.durations)
    }

    private static func index(_ state: RunState) -> Int { state.rawValue - RunState.succeeded.rawValue }
}
