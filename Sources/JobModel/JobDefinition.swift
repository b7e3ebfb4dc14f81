/// A durable definition: component + params + schedule + policies, under a unique name.
package struct JobDefinition: Hashable, Sendable, Codable {
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

    package init(
        name: String, description: String = "", component: String, params: String = "{}",
        schedule: ScheduleSpec = .none, policy: RunPolicy = .standard, queue: String = "default", priority: Int = 0,
        enabled: Bool = true, overlap: OverlapPolicy = .skip
    ) {
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
    }
}

/// What happens when a job is due while a run of it is still pending or running.
package enum OverlapPolicy: String, Hashable, Sendable, Codable {
    case skip, allow
}
