import JobModel

/// The system has no processes for guests now, or too little room. What was to run waits; nobody is charged for it. After a
/// rest one run is tried, and after each further rest in which nothing new was heard twice as many, since an attempt that goes
/// well may say so late. Runs whose guests are there are no trials.
struct GuestTrouble {
    let trouble: Trouble
    /// The component of a run that was given back last. In the next trial others go first: what it cannot have, they may.
    var failed: Int?
    /// No guest is asked for before.
    private(set) var until: Instant
    /// Starts in a trial, and how many of them are left.
    private var most = 1
    private var left = 1

    static let rest = Duration.seconds(1)

    init(_ trouble: Trouble, failed: Int? = nil, at now: Instant) {
        self.trouble = trouble
        self.failed = failed
        until = now + Self.rest
    }

    var isUntried: Bool { left == most }

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
        guestTrouble = GuestTrouble(.room(reason), failed: guestTrouble?.failed, at: now)
    }

    mutating func noProcess(_ reason: String, now: Instant) {
        guestTrouble = GuestTrouble(.guests(reason), failed: guestTrouble?.failed, at: now)
    }

    /// What is behind a trouble is over when an attempt ends, or nobody asks for a guest any more.
    mutating func dispatchIfPossible(_ now: Instant) {
        let isTrial = !isResting(now)
        let failed = isTrial ? guestTrouble?.failed : nil
        dispatchAll(passing: failed, now)
        if failed != nil, guestTrouble?.isUntried == true { dispatchAll(passing: nil, now) }
        if !queues.isEmpty { firstQueue = (firstQueue + 1) % queues.count }
        if isTrial, guestTrouble != nil, !runs.values.contains(where: \.isBusy) { guestTrouble = nil }
    }

    /// Limits of components and plugins span queues: the first look at what becomes free goes round.
    private mutating func dispatchAll(passing component: Int?, _ now: Instant) {
        for offset in queues.indices { dispatch((firstQueue + offset) % queues.count, passing: component, now: now) }
    }

    /// A run for which a guest would have to be started waits until it is known better whether the trouble goes on.
    func mayTry(_ slot: Int, _ fitting: Fitting, _ now: Instant) -> Bool {
        guestTrouble == nil || hasGuest(slot, fitting) || !isResting(now)
    }

    /// As far as is known here.
    func hasGuest(_ slot: Int, _ fitting: Fitting) -> Bool { slots[slot].fitting == fitting }

    private func isResting(_ now: Instant) -> Bool {
        guard let until = guestTrouble?.until else { return false }
        // A clock that is set back makes the rest no longer.
        return until > now && until <= now + GuestTrouble.rest
    }
}
