/// What runs before or after a run, as a run of its own. A step has no steps, and nothing follows it.
package struct Step: Hashable, Sendable {
    package var component: ComponentName
    /// JSON text, an object; `RunWords` says which words in it stand for facts about the run.
    package var params: String
    /// Nil: the component's own.
    package var timeout: Duration?
    package var retry: RetryPolicy
    package var access: FileAccess
    /// What becomes of the run when the step before it ends other than well.
    package var ifFails: StepFailure

    package init(
        _ component: ComponentName, params: String = "{}", timeout: Duration? = nil, retry: RetryPolicy = RetryPolicy(),
        access: FileAccess = FileAccess(), ifFails: StepFailure = .fail
    ) {
        self.component = component
        self.params = params
        self.timeout = timeout
        self.retry = retry
        self.access = access
        self.ifFails = ifFails
    }

    /// How its run is treated.
    package var policy: RunPolicy {
        RunPolicy(timeout: timeout ?? RunPolicy.standard.timeout, retry: retry, access: access)
    }
}

/// What becomes of a run whose pre-step failed.
package enum StepFailure: String, Hashable, Sendable, Codable {
    case fail, skip

    package var end: RunState { self == .fail ? .failed : .skipped }
}

/// What a job says of a step. Boxed, because every run carries it and hardly any run has one.
package indirect enum StepOrder: Hashable, Sendable, Codable {
    /// Not even that of its queue.
    case nothing
    case run(Step)

    package var step: Step? { if case .run(let step) = self { step } else { nil } }
}

extension RunPolicy {
    /// With the steps of its queue where it says nothing of its own.
    package func withSteps(of queue: QueueSettings) -> RunPolicy {
        guard queue.hasSteps else { return self }
        var policy = self
        policy.preStep = preStep ?? queue.preStep.map(StepOrder.run)
        policy.postStep = postStep ?? queue.postStep.map(StepOrder.run)
        return policy
    }
}

extension QueueSettings {
    package var hasSteps: Bool { preStep != nil || postStep != nil }
}

extension Step: Codable {
    private enum CodingKeys: String, CodingKey {
        case component, params, timeout, retry, access, ifFails
    }

    package init(from decoder: any Decoder) throws {
        let fields = try decoder.container(keyedBy: CodingKeys.self)
        let name = try fields.decode(String.self, forKey: .component)
        guard let component = ComponentName(name) else {
            throw DecodingError.dataCorruptedError(
                forKey: .component, in: fields, debugDescription: "\(name) is no component")
        }
        self.init(
            component, params: try fields.decode(String.self, forKey: .params),
            timeout: try fields.decodeIfPresent(Duration.self, forKey: .timeout),
            retry: try fields.decode(RetryPolicy.self, forKey: .retry),
            access: try fields.decode(FileAccess.self, forKey: .access),
            ifFails: try fields.decode(StepFailure.self, forKey: .ifFails))
    }

    package func encode(to encoder: any Encoder) throws {
        var fields = encoder.container(keyedBy: CodingKeys.self)
        try fields.encode(component.description, forKey: .component)
        try fields.encode(params, forKey: .params)
        try fields.encodeIfPresent(timeout, forKey: .timeout)
        try fields.encode(retry, forKey: .retry)
        try fields.encode(access, forKey: .access)
        try fields.encode(ifFails, forKey: .ifFails)
    }
}
