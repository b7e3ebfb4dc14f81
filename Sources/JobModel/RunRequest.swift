/// A run somebody asks for; defaults are resolved when it is accepted.
package struct RunRequest: Hashable, Sendable {
    package var component: ComponentName
    /// JSON text, an object.
    package var params: [UInt8]
    package var sharedPolicy: SharedPolicy
    package var queue: String
    package var priority: Int
    /// Nil: at once.
    package var due: Instant?
    /// While a run with this key has not ended, there is no other with it.
    package var uniqueKey: String?
    /// What becomes of this request if there is.
    package var onDuplicate: DuplicatePolicy
    package var tags: RunTags
    /// The caller's name for what the run is part of; its children and what follows it have it too.
    package var correlation: String?
    /// The limits the request left open are taken from the component; true when it named a timeout itself.
    package var hasOwnTimeout: Bool
    /// The schema by which the params are complete; nil while nobody has checked them.
    package var judgedBy: ParamsSchema?
    /// W3C trace context of the caller.
    package var traceparent: String?
    /// Set for a run that belongs to a family of another host.
    package var part: ChildPlace?
    /// Who asks: `cli`, `api`, `inbox`.
    package var actor: String?
    /// The server that is owed the end of the run. Such a request has no unique key: the instance is one, for as long as
    /// the end is owed.
    package var dispatch: Dispatch?

    package init(
        component: ComponentName, params: [UInt8] = Array("{}".utf8), policy: RunPolicy = .standard,
        queue: String = "default", priority: Int = 0, due: Instant? = nil, uniqueKey: String? = nil,
        onDuplicate: DuplicatePolicy = .existing, tags: RunTags = .none, correlation: String? = nil,
        hasOwnTimeout: Bool = false, traceparent: String? = nil, dispatch: Dispatch? = nil
    ) {
        self.component = component
        self.params = params
        sharedPolicy = .of(policy)
        self.queue = queue
        self.priority = priority
        self.due = due
        self.uniqueKey = uniqueKey
        self.onDuplicate = onDuplicate
        self.tags = tags
        self.correlation = correlation
        self.hasOwnTimeout = hasOwnTimeout
        self.traceparent = traceparent
        self.dispatch = dispatch
    }

    package var policy: RunPolicy {
        _read { yield sharedPolicy.value }
        set { sharedPolicy = .of(newValue) }
    }
}

/// What made a run. Stored as these integers, which are never renumbered.
package enum RunSource: Int, Hashable, Sendable, CaseIterable {
    case enqueue = 0
    case schedule = 1
    case trigger = 2
    case child = 3
    case upstream = 4
    /// Another run ended.
    case followUp = 5
    /// Another run is to be preceded by it, and is its parent; or has ended, and is its cause.
    case step = 6

    package var word: String {
        switch self {
        case .enqueue: "enqueue"
        case .schedule: "schedule"
        case .trigger: "trigger"
        case .child: "child"
        case .upstream: "upstream"
        case .followUp: "follow_up"
        case .step: "step"
        }
    }

    package init?(word: String) {
        guard let source = RunSource.allCases.first(where: { $0.word == word }) else { return nil }
        self = source
    }
}
