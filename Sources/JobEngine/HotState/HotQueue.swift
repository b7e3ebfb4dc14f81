import JobModel
import JobStore

/// A queue with its slots and the lanes that have runs.
struct HotQueue {
    var record: QueueRecord
    /// Numbers of its slots, those that go away included.
    var slots: [Int] = []
    var lanes: [Lane] = []
    var turns = RateTurns()
    /// How many more runs requests may add before somebody has to count what is pending. Below zero when schedules, retries,
    /// children and steps have brought in more than the queue is to have.
    var room = 0
    /// The same when the count that is under way was asked for.
    var roomBeforeCount = 0
    /// When what is pending was counted last.
    var countedAt = Instant.distantPast

    init(record: QueueRecord) {
        self.record = record
    }

    /// Queues have few lanes at a time: a scan beats hashing names.
    mutating func laneNumber(_ component: Int, _ priority: Int, capacity: Int) -> Int {
        if let known = lanes.firstIndex(where: { $0.component == component && $0.priority == priority }) {
            return known
        }
        let window = LaneWindow(capacity: capacity, complete: true)
        lanes.append(Lane(component: component, priority: priority, window: window))
        return lanes.count - 1
    }

    /// A lane the store has runs for, none of which has been read.
    mutating func addUnreadLane(_ component: Int, _ priority: Int, capacity: Int) {
        let window = LaneWindow(capacity: capacity, complete: false)
        lanes.append(Lane(component: component, priority: priority, window: window))
    }

    mutating func dropLaneIfSpent(_ lane: Int) {
        guard lanes[lane].window.isSpent else { return }
        lanes.swapAt(lane, lanes.count - 1)
        lanes.removeLast()
    }

    /// A run of this priority starts: all that have it are young again, so that among equals the oldest run goes first.
    mutating func noteTurn(of priority: Int, at now: Instant) {
        guard lanes.count > 1 else { return }
        for lane in lanes.indices where lanes[lane].priority == priority { lanes[lane].lastTurn = now }
    }
}
