import JobModel

/// Runs that ended, in the order that was heard, until each is read. One that ends again while it is being read, since
/// somebody began it anew, is read again: what is read may be of before that.
struct EndQueue {
    private var waiting: [RunID] = []
    private var reading: Set<RunID> = []

    var isEmpty: Bool { waiting.isEmpty }

    mutating func add(_ run: RunID) {
        reading.remove(run)
        waiting.append(run)
    }

    func isReading(_ run: RunID) -> Bool { reading.contains(run) }

    /// The first of them, which are read from now on.
    mutating func begin(_ most: Int) -> [RunID] {
        let some = Array(waiting.prefix(most))
        waiting.removeFirst(some.count)
        reading = Set(some)
        return some
    }

    /// As many of what `begin` gave were looked at. Gives those that have not ended again meanwhile; what was not looked at
    /// waits first again.
    mutating func end(_ some: [RunID], looked: Int) -> Set<RunID> {
        waiting.insert(contentsOf: some[looked...].filter(reading.contains), at: 0)
        defer { reading = [] }
        return reading.intersection(some[..<looked])
    }
}
