import JobModel
import JobStore

/// Where the children of one run may go, and where they are now.
struct Lending {
    var terms: LendingTerms
    private(set) var out: [String: Int] = [:]
    /// Children whose attempts are made here.
    var here = 0
    /// Children that the store alone knows, where more of them wait than may be kept beside their lane.
    private(set) var rest: Rest?

    struct Rest {
        let lane: LaneKey
        /// None of them is before this place; nil: none is known of but those on their way.
        var from: LanePlace?
        var isReading = false
    }

    init(_ terms: LendingTerms) {
        self.terms = terms
    }

    var hasRoomHere: Bool { here < terms.here }

    /// How many more attempts may begin, here and elsewhere.
    var room: Int {
        terms.hosts.reduce(max(0, terms.here - here)) { $0 + max(0, $1.value - out[$1.key, default: 0]) }
    }

    /// The borrower that has room and the smallest part of it in use, by its name among equals.
    var nextHost: String? {
        let free = terms.hosts.filter { out[$0.key, default: 0] < $0.value }
        return free.min { one, other in
            (out[one.key, default: 0] * other.value, one.key) < (out[other.key, default: 0] * one.value, other.key)
        }?.key
    }

    mutating func lend(to host: String) { out[host, default: 0] += 1 }
    mutating func giveBack(from host: String) { out[host, default: 1] -= 1 }

    /// From here on the store alone knows the child that has this place.
    mutating func leave(_ place: LanePlace, in lane: LaneKey) {
        var rest = rest ?? Rest(lane: lane)
        rest.from = rest.from.map { min($0, place) } ?? place
        self.rest = rest
    }

    /// From where children are to be read now that there is room; nil: none are, or some are on their way.
    mutating func beginReading() -> (lane: LaneKey, from: LanePlace)? {
        guard room > 0, let rest, let from = rest.from, !rest.isReading else { return nil }
        self.rest = Rest(lane: rest.lane, isReading: true)
        return (rest.lane, from)
    }

    mutating func endReading() {
        rest?.isReading = false
        if rest?.from == nil { rest = nil }
    }
}
