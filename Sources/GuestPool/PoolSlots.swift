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
        for slot in slots.values where !slot.waiting.isEmpty { fill(slot) }
    }

    /// Sends what can be sent; takes another guest when the next order needs one.
    private func fill(_ slot: Slot) {
        while let order = slot.waiting.first {
            if let guest = slot.guest, guest.spec == order.spec, guest.isUsable {
                send(slot, to: guest)
                return
            }
            if let guest = slot.guest {
                // One that did not load is kept until it is known why: that is this order's answer.
                let isFailing = guest.spec == order.spec && guest.descriptor == nil
                guard guest.inFlight.isEmpty, !isFailing else { return }
                slot.detach()
                if guest.isRetiring { dismiss(guest) }
            }
            attach(slot, order.spec)
        }
    }

    private func send(_ slot: Slot, to guest: Guest) {
        while let order = slot.waiting.first, order.spec == guest.spec, guest.hasRoom {
            _ = slot.waiting.popFirst()
            if let count = guest.descriptor?.components.count, order.component >= count {
                refuse(order, "the plugin has \(count) components, there is none with index \(order.component)")
            } else {
                guest.send(order, at: turn.now)
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

    /// A warm guest if there is one, else a new one. Without either the slot's first order fails.
    private func attach(_ slot: Slot, _ spec: GuestSpecID) {
        if let guest = warmGuest(of: spec) {
            slot.attach(guest)
            return
        }
        do throws(ProbeFailure) {
            guard let known = inbox.spec(spec) else {
                throw ProbeFailure(stage: .spawn, message: "spec \(spec.rawValue) is not known to the pool")
            }
            slot.attach(try spawn(known, spec, loadTime: Self.loadTime))
        } catch  where error.stage == .process {
            slot.giveBack(turn)
            turn.events.append(.noProcess(error.message))
        } catch {
            slot.fail(error, guest: 0, turn)
        }
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
            try guest.greet(spec, isProbe: id == .probe, landlockCap: configuration.landlockCap)
        } catch {
            guest.doom(.late, at: turn.now)
            throw error
        }
        guest.flush()
        return guest
    }

    /// One that no slot holds, else one whose slot has nothing to do.
    private func warmGuest(of spec: GuestSpecID) -> Guest? {
        var found: Guest?
        for guest in guests.values where guest.spec == spec && guest.isIdle && !guest.isRetiring {
            guard let holder = holder(of: guest) else { return guest }
            if holder.waiting.isEmpty { found = guest }
        }
        if let found { holder(of: found)?.detach() }
        return found
    }

    func holder(of guest: Guest) -> Slot? {
        guest.slot.flatMap { slots[$0] }
    }

    /// After a guest was heard: what it became decides who is told.
    func settle(_ guest: Guest) {
        if let answer = probes[guest.number] { settleProbe(guest, answer) }
        if guest.isRetiring, guest.isIdle { dismiss(guest) }
    }

    /// Ends a guest that has nothing to do.
    func dismiss(_ guest: Guest) {
        holder(of: guest)?.detach()
        guest.leave(at: turn.now)
    }

    /// Keeps no more warm guests without a slot than allowed; those unused for longest go first.
    func trimIdle() {
        guard guests.count > configuration.maximumIdle else { return }
        let idle = guests.values.filter { $0.isIdle && $0.slot == nil }
        for guest in idle.sorted(by: { $0.idleSince < $1.idleSince }).dropLast(max(configuration.maximumIdle, 0)) {
            guest.leave(at: turn.now)
        }
    }
}
