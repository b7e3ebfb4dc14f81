import JobModel
import JobStore

/// A queue with its slots and the lanes that have runs.
struct HotQueue {
    var record: QueueRecord
    /// Numbers of its slots, those that go away included.
    var slots: [Int] = []
    var lanes: [Lane] = []

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

    /// The lane whose head is to go next: highest priority, then due, then id.
    func nextLane(where isReady: (Lane, LanePlace) -> Bool) -> Int? {
        var best: (lane: Int, priority: Int, head: LanePlace)?
        for lane in lanes.indices {
            guard let head = lanes[lane].window.head, isReady(lanes[lane], head) else { continue }
            let priority = lanes[lane].priority
            if let best, (best.priority, head) >= (priority, best.head) { continue }
            best = (lane, priority, head)
        }
        return best?.lane
    }
}
