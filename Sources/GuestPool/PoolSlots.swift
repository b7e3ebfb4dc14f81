import JobModel

/// Which guest serves which slot.
extension PoolLoop {
    func slot(_ number: Int32) -> Slot {
        if let slot = slots[number] { return slot }
        let slot = Slot(number)
        slots[number] = slot
        return slot
    }

    func fillSlots() {
        for slot in slots.values where !slot.waiting.isEmpty {
            if let shortage = room.shortage(at: turn.now.monotonic) {
                slot.giveBack(turn)
                turn.events.append(.noRoom(shortage))
            } else {
                fill(slot)
            }
        }
    }

    /// Sends what can be sent; takes another guest when the next order needs one.
    func fill(_ slot: Slot) {
        while let order = slot.waiting.first {
            if let guest = slot.guest, let seat = slot.seat {
                if guest.spec == order.spec, guest.admits(order, in: seat) {
                    send(slot, to: guest, seat)
                    return
                }
                // One that did not load is kept until it is known why: that is this order's answer.
                let isFailing = guest.spec == order.spec && guest.descriptor == nil
                guard seat.inFlight.isEmpty, !isFailing else { return }
                slot.detach()
                if guest.isRetiring, guest.isIdle { dismiss(guest) }
            }
            guard attach(slot, order) else { return }
        }
    }

    private func send(_ slot: Slot, to guest: Guest, _ seat: Seat) {
        warm.tryAgain(guest.spec)
        while let order = slot.waiting.first, order.spec == guest.spec, guest.hasRoom(in: seat),
            guest.admits(order, in: seat)
        {
            _ = slot.waiting.popFirst()
            if let count = guest.descriptor?.components.count, order.component >= count {
                refuse(order, "the plugin has \(count) components, there is none with index \(order.component)")
            } else {
                guest.send(order, to: seat, at: turn.now)
            }
        }
        guest.flush()
    }

    private func refuse(_ order: AttemptOrder, _ message: String) {
        let now = turn.now.instant
        let end = AttemptEnd(
            outcome: .failed(retryable: false), code: 103, message: message, startedAt: now, finishedAt: now)
        turn.events.append(.ended(order.key, end))
    }

    /// A guest in which the attempt may join others, else a free one, else a new one. When none can be started the slot's
    /// first order fails; when there are as many as may be the slot waits: false.
    private func attach(_ slot: Slot, _ order: AttemptOrder) -> Bool {
        if let guest = sharedGuest(for: order) ?? freeGuest(for: order) {
            slot.attach(guest, guest.freeSeat())
            return true
        }
        do throws(ProbeFailure) {
            guard let known = order.spec.spec else {
                throw ProbeFailure(stage: .spawn, message: "spec \(order.spec.rawValue) is not known to the pool")
            }
            guard makesRoom(for: known) else { return false }
            warm.tryAgain(order.spec)
            let guest = try spawn(known, order.spec, loadTime: Self.loadTime)
            slot.attach(guest, guest.freeSeat())
        } catch {
            slot.fail(error, guest: 0, turn)
        }
        return true
    }

    /// Time a guest that is to run something has for loading its plugin.
    static let loadTime = Duration.seconds(10)

    func spawn(_ spec: GuestSpec, _ id: GuestSpecID, loadTime: Duration) throws(ProbeFailure) -> Guest {
        guestCount += 1
        let guest = try Guest(
            number: guestCount, id: id, spec: spec, program: program, epoll: epoll, loadTime: loadTime,
            logger: logger, now: turn.now)
        guests[guest.number] = guest
        do throws(ProbeFailure) {
            try guest.greet(isProbe: id == .probe, lacks: configuration.lacks, fence: fence)
        } catch {
            guest.doom(.late, at: turn.now)
            throw error
        }
        guest.flush()
        return guest
    }

    private func sharedGuest(for order: AttemptOrder) -> Guest? {
        guard order.sharing > 1 else { return nil }
        return guests.values.first { $0.spec == order.spec && !$0.isVacant && $0.admits(order) }
    }

    /// One that no slot holds, else one whose slots have nothing to do; best one that is loaded, but one on its way is there
    /// sooner than one that would be started now.
    private func freeGuest(for order: AttemptOrder) -> Guest? {
        var found: (guest: Guest, rank: Int)?
        for guest in guests.values where guest.spec == order.spec && guest.isVacant && guest.admits(order) {
            let rank = (guest.isReady ? 0 : 2) + (guest.hasSlot ? 1 : 0)
            if rank == 0 { return guest }
            if found.map({ rank < $0.rank }) ?? true { found = (guest, rank) }
        }
        found?.guest.leaveSlots()
        return found?.guest
    }

    /// After a guest was heard: what it became decides who is told.
    func settle(_ guest: Guest) {
        if let answer = probes[guest.number] { settleProbe(guest, answer) }
        if guest.isRetiring, guest.isIdle { dismiss(guest) }
    }

    /// Ends a guest that has nothing to do.
    func dismiss(_ guest: Guest) {
        guest.leaveSlots()
        guest.leave(at: turn.now)
    }

    /// A guest that is still at work, or on its way, is kept: the slot may be taken again.
    func vacate(_ number: Int32) {
        guard let slot = slots[number], slot.waiting.isEmpty, let guest = slot.guest, guest.isIdle else { return }
        dismiss(guest)
    }

    /// Keeps no more warm guests without a slot than allowed; those unused for longest go first.
    func trimIdle() {
        guard guests.count > configuration.maximumIdle else { return }
        let idle = guests.values.filter { $0.isIdle && !$0.hasSlot }
        for guest in idle.sorted(by: { $0.idleSince < $1.idleSince }).dropLast(max(configuration.maximumIdle, 0))
        where isSpare(guest) {
            guest.leave(at: turn.now)
        }
    }
}
