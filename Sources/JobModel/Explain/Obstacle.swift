/// One thing that keeps a run from starting, or from having ended otherwise.
package struct Obstacle: Hashable, Sendable {
    /// For programs; only grows.
    package enum Kind: String, Hashable, Sendable, CaseIterable {
        /// Nothing can be stored, or the host stops.
        case host
        case notDue = "not_due"
        case retryDelay = "retry_delay"
        case children
        /// The step before it has not ended.
        case step
        case queuePaused = "queue_paused"
        /// All slots of the queue are taken.
        case limit
        /// The rate of the queue is used up.
        case rate
        /// As many attempts of the component are under way as there may be.
        case componentLimit = "component_limit"
        /// Others go before it.
        case priority
        /// Runs of its job have to end first.
        case overlap
        case missingComponent = "missing_component"
        /// Its plugin is there and may not run.
        case withheld
        /// Its component crashed too often in a row.
        case quarantine
        /// Its component crashed more than once in a row, and is given a pause.
        case crashPause = "crash_pause"
        /// Its component needs what the operator has not granted.
        case grant
        /// Its plugin may have no more guests.
        case guests
        /// As many of its family are under way as may be, here and on other hosts.
        case lending
        case params
        /// A person has to decide.
        case held
    }

    package var kind: Kind
    /// One sentence, with what is in the way.
    package var sentence: String
    /// What removes it; nil: only time does.
    package var command: String?

    package init(_ kind: Kind, _ sentence: String, command: String? = nil) {
        self.kind = kind
        self.sentence = sentence
        self.command = command
    }
}

/// Where a run stands and why.
package struct Explanation: Hashable, Sendable {
    /// One sentence.
    package var sentence: String
    /// In the order in which they should be looked at; none for a run that is about to start, runs, or has ended.
    package var obstacles: [Obstacle]
    /// What a person may want to do now.
    package var commands: [String]

    package init(_ sentence: String, obstacles: [Obstacle] = [], commands: [String] = []) {
        self.sentence = sentence
        self.obstacles = obstacles
        self.commands = commands
    }
}
