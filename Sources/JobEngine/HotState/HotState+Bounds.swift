import JobModel
import JobStore

/// Queues that take only so many runs. What is pending is the store's to know: it is counted when the room that the last
/// count found is used up, once for all calls that wait for it, and once in a while at most: a full queue is asked often,
/// and a count looks at as many rows as may wait there. Between counts room comes with what starts and ends.
extension HotState {
    /// What is known of a full queue holds for so long.
    private static let countPace = Duration.seconds(1)

    /// Beyond the bound, too, so that a queue which holds more than it is to has to come down to it again.
    private static func mostCounted(_ bound: Int) -> Int { 2 * bound + 1 }

    /// True when the call has to wait: it adds runs to queues in which there may be no room for all of them.
    mutating func awaitsCount(_ ticket: Ticket, _ call: Call, now: Instant) -> Bool {
        guard hasBounds else { return false }
        let short = call.wanted(by: jobs, named: jobNames).filter { name, count in
            guard let queue = queueIndex[name], queues[queue].record.settings.maxPending != nil else { return false }
            return counts > 0 || queues[queue].room < count && isCountDue(queue, now)
        }
        guard !short.isEmpty else { return false }
        uncounted.append((ticket, call))
        guard counts == 0 else { return true }
        for name in short.keys.sorted() {
            guard let queue = queueIndex[name], let most = queues[queue].record.settings.maxPending else { continue }
            counts += 1
            queues[queue].roomBeforeCount = queues[queue].room
            emit(.countPending(queue: name, atMost: Self.mostCounted(most)), .count(queue: queue))
        }
        return true
    }

    /// A clock that was set back makes it due, too.
    private func isCountDue(_ queue: Int, _ now: Instant) -> Bool {
        let last = queues[queue].countedAt
        return now < last || last + Self.countPace <= now
    }

    /// As many runs more or fewer may be added to a queue.
    mutating func changeRoom(of queue: Int, by change: Int) {
        guard hasBounds, let most = queues[queue].record.settings.maxPending else { return }
        queues[queue].room = min(most, queues[queue].room + change)
    }

    /// What room was taken or made for was refused: the count under way, if one is, has not seen it either.
    mutating func correctRoom(of queue: Int, by change: Int) {
        changeRoom(of: queue, by: change)
        queues[queue].roomBeforeCount += change
    }

    mutating func counted(_ queue: Int, _ pending: Int, now: Instant) {
        let most = queues[queue].record.settings.maxPending ?? 0
        // What changed since is behind the count in the order of the mutations.
        let counted = most - pending + queues[queue].room - queues[queue].roomBeforeCount
        let isExact = pending < Self.mostCounted(most)
        queues[queue].room = min(most, isExact ? counted : min(counted, queues[queue].room))
        queues[queue].countedAt = now
        counts -= 1
        guard counts == 0 else { return }
        let calls = uncounted
        uncounted = []
        for (ticket, call) in calls {
            // A batch that failed meanwhile, or the end of the host, is theirs too.
            if let trouble {
                reply(ticket, .failed(.store(trouble)))
            } else if isStopping {
                reply(ticket, .failed(.stopping))
            } else {
                take(ticket, call, now: now)
            }
        }
    }

    mutating func countFailed(_ error: EngineError) {
        counts -= 1
        guard counts == 0 else { return }
        for (ticket, _) in uncounted { reply(ticket, .failed(error)) }
        uncounted = []
    }

    /// Why a queue takes no run now; nil when it takes one, and then there is room for one less.
    mutating func refusal(of queue: Int) -> EngineError? {
        let record = queues[queue].record
        if record.mode == .draining { return .queueDraining(record.name) }
        guard let most = record.settings.maxPending else { return nil }
        guard queues[queue].room > 0 else {
            return .queueFull(record.name, most: most, retryAfter: timeToRoom(in: queue))
        }
        queues[queue].room -= 1
        return nil
    }

    /// About when the next run of a queue will start, in whole seconds.
    private func timeToRoom(in queue: Int) -> Duration {
        guard !queues[queue].record.isPaused else { return .seconds(60) }
        let components = Set(queues[queue].lanes.map(\.component))
        let slowest = components.map { self.components[$0].estimate.mean }.max() ?? 0
        let start = slowest / Double(queues[queue].record.slots) / 1_000_000
        return .seconds(Int64(min(60, max(1, start.rounded(.up)))))
    }
}

extension Call {
    /// How many runs it asks for, by the name of the queue.
    fileprivate func wanted(by jobs: [JobID: HotJob], named names: [String: JobID]) -> [String: Int] {
        switch self {
        case .enqueue(let requests): requests.reduce(into: [:]) { $0[$1.queue, default: 0] += 1 }
        case .trigger(let name, _, _):
            names[name].flatMap { jobs[$0]?.record.definition.queue }.map { [$0: 1] } ?? [:]
        default: [:]
        }
    }
}
