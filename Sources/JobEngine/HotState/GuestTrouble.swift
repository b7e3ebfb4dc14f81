import JobModel

/// The system has no processes for guests now, or too little room. What was to run waits; nobody is charged for it. After a
/// rest one run is tried, and after each further rest in which nothing new was heard twice as many, since an attempt that goes
/// well may say so late.
struct GuestTrouble {
    let trouble: Trouble
    /// Nothing is sent before.
    private(set) var until: Instant
    /// Starts in a trial, and how many of them are left.
    private var most = 1
    private var left = 1

    static let rest = Duration.seconds(1)

    init(_ trouble: Trouble, at now: Instant) {
        self.trouble = trouble
        until = now + Self.rest
    }

    /// A run of the trial is on its way. With the last one the rest begins.
    mutating func noteStart(at now: Instant) {
        left -= 1
        guard left == 0 else { return }
        most *= 2
        left = most
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
        guard !isResting(now) else { return }
        // Limits of components and plugins span queues: the first look at what becomes free goes round.
        for offset in queues.indices { dispatch((firstQueue + offset) % queues.count, now: now) }
        if !queues.isEmpty { firstQueue = (firstQueue + 1) % queues.count }
        if guestTrouble != nil, !runs.values.contains(where: \.isBusy) { guestTrouble = nil }
    }

    /// Nothing is started until it is known better whether the trouble goes on.
    func isResting(_ now: Instant) -> Bool {
        guard let until = guestTrouble?.until else { return false }
        // A clock that is set back makes the rest no longer.
        return until > now && until <= now + GuestTrouble.rest
    }
}
