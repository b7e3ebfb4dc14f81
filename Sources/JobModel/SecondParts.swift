/// Moments of a minute that are not whole seconds, in microseconds from its start.
struct SecondParts: Hashable {
    /// Values from `start` on in steps; a step of zero is the start alone.
    struct Item: Hashable {
        var start: Int
        /// Inclusive.
        var stop: Int
        var step: Int
    }

    let items: [Item]

    /// The seconds, 0 to 59, in which something lies.
    var seconds: [Int] {
        (0..<60).filter { second in first(from: 0, inSecond: second) != nil }
    }

    /// `wall` is any time of the clock; only its second matters. Microseconds into that second.
    func first(from part: Int, inSecondOf wall: Int) -> Int? {
        first(from: part, inSecond: wall.flooredRemainder(by: 60))
    }

    func last(through part: Int, inSecondOf wall: Int) -> Int? {
        let base = wall.flooredRemainder(by: 60) * 1_000_000
        return items.compactMap { $0.last(through: base + part) }.max().flatMap { $0 >= base ? $0 - base : nil }
    }

    /// Different moments, however many items name them. Walks over them: at most a few thousand in a second.
    func count(from part: Int, inSecond second: Int) -> Int {
        var count = 0
        var cursor = part
        while let found = first(from: cursor, inSecond: second) {
            count += 1
            cursor = found + 1
        }
        return count
    }

    private func first(from part: Int, inSecond second: Int) -> Int? {
        guard part < 1_000_000 else { return nil }
        let base = second * 1_000_000
        return items.compactMap { $0.first(from: base + part) }.min().flatMap {
            $0 < base + 1_000_000 ? $0 - base : nil
        }
    }
}

extension SecondParts.Item {
    fileprivate func first(from value: Int) -> Int? {
        guard value > start else { return start }
        guard step > 0 else { return nil }
        let found = start + (value - start + step - 1) / step * step
        return found <= stop ? found : nil
    }

    fileprivate func last(through value: Int) -> Int? {
        guard value >= start else { return nil }
        return step > 0 ? start + (min(value, stop) - start) / step * step : start
    }
}
