import JobModel

/// A place in which one attempt runs at a time: the orders that wait for it and the guest that serves them.
final class Slot {
    let number: Int32
    /// Orders that no guest has yet, in the order given.
    var waiting = Line<AttemptOrder>()
    var guest: Guest?
    /// Its place in that guest.
    var seat: Seat?

    init(_ number: Int32) {
        self.number = number
    }

    /// All that waits goes back to the engine.
    func giveBack(_ turn: Turn) {
        for order in waiting.removeAll() { turn.events.append(.neverStarted(order.key)) }
    }

    /// The guest for the first order could not be had: that order is charged, unless the system was short of what every
    /// guest needs; the others go back.
    func fail(_ failure: ProbeFailure, guest: Int32, _ turn: Turn) {
        if failure.stage == .process {
            giveBack(turn)
            turn.events.append(.noProcess(failure.message))
        } else if let order = waiting.popFirst() {
            let end = AttemptEnd(
                outcome: .crashed(failure.isCircumstance ? .noGuest : .loadFailed), message: failure.words,
                startedAt: turn.now.instant,
                finishedAt: turn.now.instant, guest: guest)
            turn.events.append(.ended(order.key, end))
        }
        giveBack(turn)
    }
}

extension ProbeFailure {
    var words: String {
        switch stage {
        case .crashed, .timedOut, .violation: message
        case .process, .spawn: "no guest: \(message)"
        case .sandbox: "sandbox: \(message)"
        case .open: "cannot be loaded: \(message)"
        case .entry: "no entry: \(message)"
        case .refused: "refused to load: \(message)"
        case .descriptor: "bad descriptor: \(message)"
        case .start: "start failed: \(message)"
        }
    }
}
