/// A durable definition: component + params + schedule + policies, under a unique name.
package struct JobDefinition: Hashable, Sendable {
    package var name: String
    package var description: String
    /// `plugin-id/component-id`; need not be loaded when the job is defined.
    package var component: String
    /// JSON text, an object.
    package var params: String
    package var schedule: ScheduleSpec
    package var policy: RunPolicy
    package var queue: String
    /// Higher runs first; 0 unless said otherwise.
    package var priority: Int
    package var enabled: Bool
    package var overlap: OverlapPolicy
    package var missed: MissedPolicy
    /// Attempts of its runs under way at once, however they were made, at most; nil: any number.
    package var atOnce: Int?
    /// On the job and on each of its runs.
    package var tags: RunTags
    /// Runs start up to this much after their planned instants; how much follows from the job's name.
    package var jitter: Duration
    /// How long its runs are kept; what is not said is the host's to say.
    package var history: HistoryPolicy

    package init(
        name: String, description: String = "", component: String, params: String = "{}",
        schedule: ScheduleSpec = .none, policy: RunPolicy = .standard, queue: String = "default", priority: Int = 0,
        enabled: Bool = true, overlap: OverlapPolicy = .skip, missed: MissedPolicy = MissedPolicy(),
        jitter: Duration = .zero, atOnce: Int? = nil, tags: RunTags = .none,
        history: HistoryPolicy = .none
    ) {
        self.atOnce = atOnce
        self.tags = tags
        self.name = name
        self.description = description
        self.component = component
        self.params = params
        self.schedule = schedule
        self.policy = policy
        self.queue = queue
        self.priority = priority
        self.enabled = enabled
        self.overlap = overlap
        self.missed = missed
        self.jitter = jitter
        self.history = history
    }
}

extension JobDefinition: Codable {
    /// What an earlier version stored lacks the newer fields; they have their defaults then.
    package init(from decoder: any Decoder) throws {
        let fields = try decoder.container(keyedBy: CodingKeys.self)
        self.init(
            name: try fields.decode(String.self, forKey: .name),
            description: try fields.decode(String.self, forKey: .description),
            component: try fields.decode(String.self, forKey: .component),
            params: try fields.decode(String.self, forKey: .params),
            schedule: try fields.decode(ScheduleSpec.self, forKey: .schedule),
            policy: try fields.decode(RunPolicy.self, forKey: .policy),
            queue: try fields.decode(String.self, forKey: .queue),
            priority: try fields.decode(Int.self, forKey: .priority),
            enabled: try fields.decode(Bool.self, forKey: .enabled),
            overlap: try fields.decode(OverlapPolicy.self, forKey: .overlap),
            missed: try fields.decodeIfPresent(MissedPolicy.self, forKey: .missed) ?? MissedPolicy(),
            jitter: try fields.decodeIfPresent(Duration.self, forKey: .jitter) ?? .zero,
            atOnce: try fields.decodeIfPresent(Int.self, forKey: .atOnce),
            tags: try fields.decodeIfPresent(RunTags.self, forKey: .tags) ?? .none,
            history: try fields.decodeIfPresent(HistoryPolicy.self, forKey: .history) ?? .none)
    }
}
