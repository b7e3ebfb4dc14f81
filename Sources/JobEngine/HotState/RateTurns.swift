import JobModel

/// The bucket of a queue's rate, and whose turns weigh on it: one whose run was never started is given back, and then the bucket
/// is as if that turn had never been taken. Nothing of it is stored.
struct RateTurns {
    private(set) var bucket: RateBucket
    /// As it was before the turns that are remembered.
    private var before: RateBucket
    private var turns: [(run: RunID, at: Instant)] = []

    /// So many of the latest can be given back at least. Where more are on their way, the oldest keep their turn.
    private static let most = 1000

    init(_ bucket: RateBucket = RateBucket()) {
        self.bucket = bucket
        before = bucket
    }

    mutating func take(_ limit: RateLimit, for run: RunID, now: Instant) {
        // A bucket that is full again has forgotten what was taken.
        if isFull(limit, now) {
            turns.removeAll(keepingCapacity: true)
            before = bucket
        }
        if turns.count == 2 * Self.most { forgetOldest(limit) }
        turns.append((run, now))
        bucket.take(limit, now: now)
    }

    /// Nothing, where the bucket is full again since, or too many came after.
    mutating func giveBack(_ limit: RateLimit, by run: RunID) {
        guard let index = turns.lastIndex(where: { $0.run == run }) else { return }
        turns.remove(at: index)
        bucket = before
        for turn in turns { bucket.take(limit, now: turn.at) }
    }

    /// A turn leaves it as it leaves a new one.
    private func isFull(_ limit: RateLimit, _ now: Instant) -> Bool {
        var (left, new) = (bucket, RateBucket())
        left.take(limit, now: now)
        new.take(limit, now: now)
        return left == new
    }

    private mutating func forgetOldest(_ limit: RateLimit) {
        for turn in turns.prefix(Self.most) { before.take(limit, now: turn.at) }
        turns.removeFirst(Self.most)
    }
}

extension HotState {
    mutating func takeTurn(of queue: Int, for run: RunID, now: Instant) {
        guard let rate = queues[queue].record.settings.rate else { return }
        queues[queue].turns.take(rate, for: run, now: now)
    }

    /// A start took it that never was.
    mutating func giveBackTurn(of run: HotRun) {
        guard let rate = queues[run.queue].record.settings.rate else { return }
        queues[run.queue].turns.giveBack(rate, by: run.id)
    }
}
