import JobModel
import JobStore

/// The runs of one queue that wait for the same component with the same priority.
struct Lane {
    /// Index of the component in the hot state.
    let component: Int
    let priority: Int
    var window: LaneWindow
    /// When a run of its priority was started last.
    var lastTurn = Instant.distantPast
    /// A job of which no more runs may start now, and too many wait beside the lane already.
    var blockedBy: JobID?

    /// Its priority, and a point for each step that its head has waited, or has been passed over, since runs of its
    /// priority had their turn. A lane ages as a whole, so that no run is looked at but its head.
    func rank(_ head: LanePlace, _ now: Instant, aging step: Int64?) -> Int64 {
        guard let step, step > 0 else { return Int64(priority) }
        let waited = now - max(head.due, lastTurn)
        return Int64(priority) + max(0, waited.microseconds / step)
    }
}

/// The front of a lane, in order. It holds *every* pending run of the lane whose place is at or before `bound`; what
/// lies behind the bound is known to the store alone, until a refill reads on.
struct LaneWindow {
    /// What became of a place that was offered.
    enum Offer: Equatable {
        case kept
        /// Kept; the last place fell out for it, and the store alone knows that run now.
        case keptInsteadOf(LanePlace)
        /// Lies behind the bound.
        case left
    }

    let capacity: Int
    private var places: [LanePlace] = []
    private var taken = 0
    /// Nil: everything the store has is here.
    private(set) var bound: LanePlace?
    /// Places behind the bound that came while a refill was under way; nil when none is.
    private var aside: [LanePlace]?
    /// The refill under way read on from a bound that does not hold any more.
    private var isStale = false

    /// A lane with nothing in the store yet, or one of which nothing has been read.
    init(capacity: Int, complete: Bool) {
        self.capacity = capacity
        bound = complete ? nil : .first
    }

    var isComplete: Bool { bound == nil }
    var count: Int { places.count - taken }
    var head: LanePlace? { taken < places.count ? places[taken] : nil }
    var isRefilling: Bool { aside != nil }
    /// Nothing here, nothing in the store, nothing on its way.
    var isSpent: Bool { isComplete && count == 0 && !isRefilling }
    var wantsRefill: Bool { !isComplete && !isRefilling && count < capacity / 2 }

    mutating func offer(_ place: LanePlace) -> Offer {
        guard isWithin(place) else {
            guard isRefilling else { return .left }
            aside?.append(place)
            return .kept
        }
        insert(place)
        // During a refill nothing may fall out: its answer goes on from the bound that was asked for.
        guard count > capacity, !isRefilling, let last = places.popLast() else { return .kept }
        bound = places.last
        return last == place ? .left : .keptInsteadOf(last)
    }

    mutating func takeHead() -> LanePlace? {
        guard let head else { return nil }
        taken += 1
        if taken > 1024, taken * 2 > places.count {
            places.removeFirst(taken)
            taken = 0
        }
        return head
    }

    /// False when the place is not here.
    mutating func remove(_ place: LanePlace) -> Bool {
        let index = firstIndex(notBefore: place)
        if index < places.count, places[index] == place {
            places.remove(at: index)
            return true
        }
        guard let index = aside?.firstIndex(of: place) else { return false }
        aside?.remove(at: index)
        return true
    }

    /// From where and how much a refill is to read. Until `merge`, new places are kept aside.
    mutating func beginRefill() -> (after: LanePlace?, limit: Int) {
        aside = []
        return (bound == .first ? nil : bound, max(1, capacity - count))
    }

    /// Takes in what the store answered, in order, and what came meanwhile. `exhausted`: the store has no more behind
    /// the last of them. Returns the places that do not stay.
    mutating func merge(_ answer: [LanePlace], lastRead: LanePlace?, exhausted: Bool) -> [LanePlace] {
        let meanwhile = aside ?? []
        aside = nil
        guard !isStale else { return answer + meanwhile + forget() }
        bound = exhausted ? nil : max(lastRead ?? .first, bound ?? .first)
        var left: [LanePlace] = []
        for place in answer where !contains(place) { insert(place) }
        for place in meanwhile where !contains(place) {
            if isWithin(place) { insert(place) } else { left.append(place) }
        }
        while count > capacity, let last = places.popLast() {
            left.append(last)
            bound = places.last
        }
        return left
    }

    /// Something in the store is not as it seemed: the lane is to be read from its beginning. Returns the places that do
    /// not stay.
    mutating func forget() -> [LanePlace] {
        isStale = isRefilling
        guard !isStale else { return [] }
        defer {
            places = []
            taken = 0
            bound = .first
        }
        return Array(places[taken...])
    }

    /// Every place the lane holds, those kept aside too.
    var all: [LanePlace] { places[taken...] + (aside ?? []) }

    private func isWithin(_ place: LanePlace) -> Bool {
        guard let bound else { return true }
        return place <= bound
    }

    private func contains(_ place: LanePlace) -> Bool {
        let index = firstIndex(notBefore: place)
        return index < places.count && places[index] == place
    }

    private mutating func insert(_ place: LanePlace) {
        if let last = places.last, taken < places.count, place < last {
            places.insert(place, at: firstIndex(notBefore: place))
        } else {
            places.append(place)
        }
    }

    private func firstIndex(notBefore place: LanePlace) -> Int {
        var low = taken
        var high = places.count
        while low < high {
            let middle = low + (high - low) / 2
            if places[middle] < place { low = middle + 1 } else { high = middle }
        }
        return low
    }
}

extension LanePlace {
    /// Before every place a run can have.
    static let first = LanePlace(due: .distantPast, id: .min)
}
