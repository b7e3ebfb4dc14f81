import JobModel

/// The system has no processes for guests now, or too little room. What was to run waits; nobody is charged for it.
struct GuestTrouble {
    let trouble: Trouble
    /// Nothing is sent before.
    let until: Instant

    static let rest = Duration.seconds(1)

    init(_ trouble: Trouble, at now: Instant) {
        self.trouble = trouble
        until = now + Self.rest
    }

    var words: String? {
        switch trouble {
        case .guests(let reason): "the system has no processes for guests: \(reason)"
        case .room(let reason): "the disk is nearly full: \(reason)"
        case .store, .stopping: nil
        }
    }
}

extension HotState {
    /// Told once, until it is over.
    mutating func roomIsShort(_ reason: String, now: Instant) {
        if guestTrouble == nil { effects.complaints.append("no run is started, the disk is nearly full: \(reason)") }
        guestTrouble = GuestTrouble(.room(reason), at: now)
    }

    /// What is behind a trouble is over when an attempt ends, or nobody asks for a guest any more.
    mutating func dispatchIfPossible(_ now: Instant) {
        // A clock that is set back makes the rest no longer.
        if let guestTrouble, guestTrouble.until > now, guestTrouble.until <= now + GuestTrouble.rest { return }
        // Limits of components and plugins span queues: the first look at what becomes free goes round.
        for offset in queues.indices { dispatch((firstQueue + offset) % queues.count, now: now) }
        if !queues.isEmpty { firstQueue = (firstQueue + 1) % queues.count }
        if guestTrouble != nil, !runs.values.contains(where: \.isBusy) { guestTrouble = nil }
    }
}
