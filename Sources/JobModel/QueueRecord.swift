/// A named lane of runs with its own concurrency, rate and pause.
package struct QueueRecord: Hashable, Sendable {
    package var name: String
    /// Attempts that may run at once, at most.
    package var slots: Int
    package var mode: QueueMode
    package var settings: QueueSettings

    package init(
        name: String, slots: Int, mode: QueueMode = .open, settings: QueueSettings = QueueSettings()
    ) {
        self.name = name
        self.slots = slots
        self.mode = mode
        self.settings = settings
    }

    package init(name: String, slots: Int, paused: Bool) {
        self.init(name: name, slots: slots, mode: paused ? .paused : .open)
    }

    package var isPaused: Bool { mode == .paused }

    /// Slots that are there even while nothing is to do.
    package var leastSlots: Int { min(settings.leastSlots ?? slots, slots) }
}

/// What a queue does with runs. Stored as these integers, which are never renumbered.
package enum QueueMode: Int, Hashable, Sendable, CaseIterable {
    case open = 0
    /// Takes runs and starts none.
    case paused = 1
    /// Takes no new runs, and runs those it has to their ends.
    case draining = 2

    package var word: String {
        switch self {
        case .open: "open"
        case .paused: "paused"
        case .draining: "draining"
        }
    }

    package init?(word: String) {
        guard let mode = QueueMode.allCases.first(where: { $0.word == word }) else { return nil }
        self = mode
    }
}

/// What a queue may have beside its slots.
package struct QueueSettings: Hashable, Sendable, Codable {
    /// Nil: as many as it may have at most.
    package var leastSlots: Int?
    /// Starts per time, retries included; nil: as many as fit.
    package var rate: RateLimit?
    /// Runs that requests may make wait here; nil: any number.
    package var maxPending: Int?
    /// What waits gains a point of priority for each such time in which it was passed over; nil: never.
    package var aging: Duration?
    /// Of runs that say nothing about steps of their own.
    package var preStep: Step?
    package var postStep: Step?

    package init(
        leastSlots: Int? = nil, rate: RateLimit? = nil, maxPending: Int? = nil,
        aging: Duration? = QueueSettings.standardAging, preStep: Step? = nil, postStep: Step? = nil
    ) {
        self.leastSlots = leastSlots
        self.rate = rate
        self.maxPending = maxPending
        self.aging = aging
        self.preStep = preStep
        self.postStep = postStep
    }

    package static let standardAging = Duration.seconds(60)
}
