/// How an upstream stands with its server.
package struct UpstreamStatus: Hashable, Sendable {
    /// The words people see.
    package enum State: String, Hashable, Sendable, CaseIterable {
        /// It has not heard of its server yet.
        case starting
        case connected
        /// The server answers, and does not know us.
        case unregistered
        /// No server answers.
        case unreachable
        /// The server answers, and will not have us: a wrong key, for example.
        case refused
        /// The host is stopping: nothing more is taken, what is going on is reported.
        case draining
        /// It is in the settings no longer, and its server is still owed ends.
        case removed
    }

    /// As `upstreams:` in berth.yaml calls it.
    package var name: String
    /// `powerjob` or `cronjob`.
    package var kind: String
    package var state: State
    /// The address that is spoken to, or was last.
    package var server: String?
    /// When the server last answered or spoke.
    package var lastContact: Instant?
    /// How long the oldest end waits that the server has not acknowledged; nil: none waits.
    package var lag: Duration?
    /// Dispatches whose runs have not ended.
    package var open: Int
    /// Dispatches whose end the server has not acknowledged, those that have not ended included.
    package var owed: Int
    /// In words; it may be over.
    package var lastError: String?
    /// What to do, in words; nil where nothing is to be done.
    package var remedy: String?

    package init(
        name: String, kind: String, state: State, server: String? = nil, lastContact: Instant? = nil,
        lag: Duration? = nil, open: Int = 0, owed: Int = 0, lastError: String? = nil, remedy: String? = nil
    ) {
        self.name = name
        self.kind = kind
        self.state = state
        self.server = server
        self.lastContact = lastContact
        self.lag = lag
        self.open = open
        self.owed = owed
        self.lastError = lastError
        self.remedy = remedy
    }
}
