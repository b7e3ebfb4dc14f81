/// Where the runs of many jobs pile up.
package struct LoadPeak: Hashable, Sendable {
    /// The most runs at a time, and the first moment with so many.
    package private(set) var running = 0
    package private(set) var at: Instant?
    /// The most starts in one minute of the clock, and the first such minute.
    package private(set) var starts = 0
    package private(set) var minute: Instant?

    package init(_ runs: [Simulation.Run]) {
        let begins = runs.map(\.start.microseconds).sorted()
        let ends = runs.map(\.end.microseconds).sorted()
        count(begins, ends)
        countMinutes(begins)
    }

    private mutating func count(_ begins: [Int64], _ ends: [Int64]) {
        var ended = 0
        for (begun, begin) in begins.enumerated() {
            while ended < ends.count, ends[ended] <= begin { ended += 1 }
            if begun + 1 - ended > running {
                running = begun + 1 - ended
                at = Instant(microseconds: begin)
            }
        }
    }

    private mutating func countMinutes(_ begins: [Int64]) {
        var (minute, count) = (0, 0)
        for begin in begins {
            let own = Int(begin).flooredQuotient(by: 60_000_000)
            count = own == minute ? count + 1 : 1
            minute = own
            guard count > starts else { continue }
            starts = count
            self.minute = Instant(microseconds: Int64(own) * 60_000_000)
        }
    }
}
