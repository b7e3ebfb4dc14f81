import JobModel

/// Runs may end before whoever made them hears that they are stored. Keeps what ended meanwhile, for as long as it may
/// turn out to be of a take that is under way.
struct EarlyEnds {
    /// How many takes had begun by then.
    private var heard: [RunID: Int] = [:]
    private var begun = 0
    private var underWay: Set<Int> = []

    mutating func begin() -> Int {
        begun += 1
        underWay.insert(begun)
        return begun
    }

    mutating func hear(_ run: RunID) {
        if !underWay.isEmpty { heard[run] = begun }
    }

    /// Whether the run has ended already.
    mutating func claim(_ run: RunID) -> Bool {
        heard.removeValue(forKey: run) != nil
    }

    /// What was heard before the oldest take that is left began cannot be of any.
    mutating func end(_ take: Int) {
        underWay.remove(take)
        guard let oldest = underWay.min() else { return heard = [:] }
        if heard.count > 1_000 { heard = heard.filter { $0.value >= oldest } }
    }
}
