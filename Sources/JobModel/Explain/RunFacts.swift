/// All that `explain` judges by.
package struct RunFacts: Hashable, Sendable {
    /// Whether the run's component can be run.
    package enum Offer: Hashable, Sendable {
        case offered
        /// Plugins are still being looked at.
        case unknownYet
        /// Somebody, or the host, keeps its plugin from running. In words.
        case withheld(String)
        /// No plugin offers it. Why, in words.
        case missing(String)
    }

    package var run: RunRecord
    package var now: Instant
    /// Why the host takes no work; nil: all is well.
    package var trouble: String?
    package var queueIsPaused: Bool
    package var slots: Int
    package var running: Int
    /// When the rate of the queue lets the next run start; nil: at once.
    package var rateFreeAt: Instant?
    /// Attempts of the component that may be under way at once, when that many are.
    package var componentLimit: Int?
    /// Runs of the queue that go before it, as far as they are known, and whether there may be more.
    package var ahead: Int
    package var mayBeMoreAhead: Bool
    package var offer: Offer
    /// Why the component is left alone after crashes, in words.
    package var quarantine: String?
    /// Since when, for how long and why no attempt of its component begins after crashes that are no quarantine yet.
    package var crashPause: String?
    /// What its component needs and is not granted, with how to grant it.
    package var missingGrant: String?
    /// Guests that its plugin may have, when all of them are at work.
    package var mostGuests: Int?
    /// As many of its family are under way, here and on other hosts, as may be.
    package var familyIsFull = false
    /// Runs of its job that have to end before it may start.
    package var behind: [RunID]
    /// What is wrong with its params; nil: they fit, or nobody can say.
    package var misfit: String?
    /// Of the run, in order.
    package var attempts: [AttemptRecord]
    /// The step before it that it waits for.
    package var step: RunRecord?
    /// Its attempt runs in a version that another has replaced, or that has gone.
    package var isLeaving = false
    /// When that attempt is asked to end; nil: as long as its own limits allow.
    package var leavesAt: Instant?
    /// The last change of its state that somebody made.
    package var lastChange: TransitionRecord?

    package init(
        run: RunRecord, now: Instant, trouble: String? = nil, queueIsPaused: Bool = false, slots: Int = 1,
        running: Int = 0, rateFreeAt: Instant? = nil, componentLimit: Int? = nil, ahead: Int = 0,
        mayBeMoreAhead: Bool = false, offer: Offer = .offered,
        quarantine: String? = nil, behind: [RunID] = [], misfit: String? = nil, attempts: [AttemptRecord] = [],
        lastChange: TransitionRecord? = nil
    ) {
        self.run = run
        self.now = now
        self.trouble = trouble
        self.queueIsPaused = queueIsPaused
        self.slots = slots
        self.running = running
        self.rateFreeAt = rateFreeAt
        self.componentLimit = componentLimit
        self.ahead = ahead
        self.mayBeMoreAhead = mayBeMoreAhead
        self.offer = offer
        self.quarantine = quarantine
        self.behind = behind
        self.misfit = misfit
        self.attempts = attempts
        self.lastChange = lastChange
    }
}
