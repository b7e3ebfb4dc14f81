import JobModel

/// Where the children of one run may go, and where they are now.
struct Lending {
    var terms: LendingTerms
    private(set) var out: [String: Int] = [:]
    /// Children whose attempts are made here.
    var here = 0
    /// One of the children that the store alone knows, where more of them wait than may be kept beside their lane.
    var rest: HotRun?

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
}
