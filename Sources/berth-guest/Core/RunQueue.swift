/// Attempts the host sent ahead, in their order. A ring, so that a full day of runs moves no memory about.
struct RunQueue {
    private var ring: [PendingAttempt?] = []
    private var head = 0
    private(set) var count = 0

    var isEmpty: Bool { count == 0 }

    mutating func append(_ attempt: PendingAttempt) {
        if count == ring.count {
            grow()
        }
        ring[(head + count) & (ring.count - 1)] = attempt
        count += 1
    }

    mutating func popFirst() -> PendingAttempt? {
        guard count > 0 else { return nil }
        let first = ring[head]
        ring[head] = nil
        head = (head + 1) & (ring.count - 1)
        count -= 1
        return first
    }

    /// Takes the attempt `call` out of the line; the others keep their order.
    mutating func remove(call: UInt64) -> PendingAttempt? {
        let mask = ring.count - 1
        guard let place = (0..<count).first(where: { ring[(head + $0) & mask]?.call == call }) else { return nil }
        let removed = ring[(head + place) & mask]
        for index in place..<(count - 1) {
            ring[(head + index) & mask] = ring[(head + index + 1) & mask]
        }
        ring[(head + count - 1) & mask] = nil
        count -= 1
        return removed
    }

    private mutating func grow() {
        var larger = [PendingAttempt?](repeating: nil, count: max(64, ring.count * 2))
        for index in 0..<count {
            larger[index] = ring[(head + index) & (ring.count - 1)]
        }
        ring = larger
        head = 0
    }
}
