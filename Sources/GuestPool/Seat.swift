import CGuestWire

/// A place in a guest in which one attempt runs at a time, on a thread of its own. Its number is that of its slot on the
/// control page; the thread of seat 0 is the one that loaded the plugin.
final class Seat {
    let number: Int
    /// Attempts that were sent to it, in order; the first one runs.
    var inFlight = Line<Attempt>()
    /// The slot it serves.
    fileprivate(set) var slot: Slot?

    init(_ number: Int) {
        self.number = number
    }

    /// It has attempts, or will have.
    var isTaken: Bool { !inFlight.isEmpty || slot?.waiting.isEmpty == false }

    /// What runs here, or is to run next.
    fileprivate var order: AttemptOrder? { inFlight.first?.order ?? slot?.waiting.first }
}

extension Slot {
    func attach(_ guest: Guest, _ seat: Seat) {
        seat.slot?.detach()
        self.guest = guest
        self.seat = seat
        seat.slot = self
    }

    func detach() {
        seat?.slot = nil
        seat = nil
        guest = nil
    }
}

extension Guest {
    /// No seat has an attempt, or will have.
    var isVacant: Bool { !seats.contains { $0.isTaken } }
    /// A slot counts on it.
    var hasSlot: Bool { seats.contains { $0.slot != nil } }
    /// No seat has an attempt.
    var isEmpty: Bool {
        for seat in seats where !seat.inFlight.isEmpty { return false }
        return true
    }
    /// Attempts that were sent and have not ended.
    var attemptCount: Int {
        var count = 0
        for seat in seats { count += seat.inFlight.count }
        return count
    }
    /// What runs now.
    var heads: [Attempt] { seats.compactMap(\.inFlight.first) }
    /// Its attempts may overlap: nobody can say which of them printed a line.
    var isShared: Bool {
        for seat in seats {
            if let head = seat.inFlight.first, head.order.sharing > 1 { return true }
        }
        return false
    }

    /// The seat in which this attempt runs.
    func seat(running call: UInt64) -> Seat? {
        for seat in seats where seat.inFlight.first?.call == call { return seat }
        return nil
    }

    /// Whether the attempt may be sent to this seat, or to a free one, beside those in the other seats. Beside one that is
    /// being ended nothing is begun: the guest may have to go with it.
    func admits(_ order: AttemptOrder, in seat: Seat? = nil) -> Bool {
        guard isUsable, order.isolation == .pool || lastCall == 0 else { return false }
        guard order.sharing > 1 || (seat?.number ?? 0) == 0 else { return false }
        var others = 0
        for other in seats where other !== seat && other.isTaken {
            guard let neighbour = other.order, neighbour.sharing > 1, neighbour.component == order.component,
                other.inFlight.first?.ladder == nil
            else { return false }
            others += 1
        }
        return others < min(order.sharing, Int(GW_SLOTS))
    }

    /// A seat for an attempt that `admits` lets in: the lowest that is free.
    func freeSeat() -> Seat {
        if let free = seats.first(where: { !$0.isTaken }) { return free }
        let seat = Seat(seats.count)
        seats.append(seat)
        return seat
    }

    /// No slot counts on it any more.
    func leaveSlots() {
        for seat in seats { seat.slot?.detach() }
    }
}
