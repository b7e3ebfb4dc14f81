import CGuestWire
import JobModel

/// What a running attempt asks for, and children it emits.
extension Guest {
    func take(children bytes: [UInt8], call: UInt64) throws(ProtocolViolation) {
        guard let attempt = seat(running: call)?.inFlight.first,
            attempt.order.stage == .root || attempt.order.stage == .child
        else { throw ProtocolViolation("children of call \(call), which runs in no stage that makes some") }
        try attempt.children.append(bytes)
    }

    func take(ask piece: [UInt8], isLast: Bool, call: UInt64, _ turn: Turn) throws(ProtocolViolation) {
        guard let attempt = seat(running: call)?.inFlight.first, !attempt.isAsking else {
            throw ProtocolViolation("a question of call \(call), which does not run or has asked already")
        }
        try attempt.ask.append(piece)
        guard isLast else { return }
        let question = try attempt.ask.question()
        attempt.ask = AskReader()
        attempt.isAsking = true
        switch question {
        case .engine(let ask): turn.events.append(.asked(attempt.order.key, ask))
        case .time(let more): answer(attempt, attempt.extend(by: more))
        }
    }

    /// False when no attempt of this guest waits for it.
    func answer(_ key: AttemptKey, _ answer: GuestAnswer) -> Bool {
        guard let attempt = heads.first(where: { $0.order.key == key }), attempt.isAsking else { return false }
        self.answer(attempt, answer)
        return true
    }

    private func answer(_ attempt: Attempt, _ answer: GuestAnswer) {
        attempt.isAsking = false
        attempt.answeredAt = Moment.now().monotonic
        writer.answer(call: attempt.call, seat: attempt.seat, answer)
        flush()
    }
}

extension Attempt {
    /// More time, up to twice the limit it began with and to the operator's; none once it was asked to end.
    fileprivate func extend(by more: Duration) -> GuestAnswer {
        guard let limit, let first = order.limit else { return GuestAnswer(status: 0) }
        guard ladder == nil, limit + more <= min(first * 2, order.longestLimit ?? first * 2) else {
            return GuestAnswer(status: GuestAnswer.tooLarge.status, number: UInt64(limit.nanoseconds))
        }
        self.limit = limit + more
        return GuestAnswer(status: 0, number: UInt64((limit + more).nanoseconds))
    }
}
