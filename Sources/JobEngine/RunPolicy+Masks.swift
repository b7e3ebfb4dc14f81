import JobModel

extension RunPolicy {
    /// As people may see it: with what is secret in the params of its steps and follow-ups masked.
    func masked(by masks: [ComponentName: ParamsSchema]) -> RunPolicy {
        guard preStep != nil || postStep != nil || onSuccess != nil || onFailure != nil else { return self }
        var policy = self
        policy.preStep = preStep?.masked(by: masks)
        policy.postStep = postStep?.masked(by: masks)
        policy.onSuccess = onSuccess?.masked(by: masks)
        policy.onFailure = onFailure?.masked(by: masks)
        return policy
    }
}

extension [ComponentName: ParamsSchema] {
    /// Params of a component as people may see them.
    func masked(_ params: String, of component: ComponentName) -> String {
        self[component].map { String(decoding: $0.masked(Array(params.utf8)), as: UTF8.self) } ?? params
    }

    /// Params of whatever component a job may have by then: what any of them takes for a secret is one.
    fileprivate func masked(_ params: String) -> String {
        String(decoding: values.reduce(Array(params.utf8)) { $1.masked($0) }, as: UTF8.self)
    }
}

extension Step {
    func masked(by masks: [ComponentName: ParamsSchema]) -> Step {
        var step = self
        step.params = masks.masked(params, of: component)
        return step
    }
}

extension QueueRecord {
    func masked(by masks: [ComponentName: ParamsSchema]) -> QueueRecord {
        var queue = self
        queue.settings.preStep = settings.preStep?.masked(by: masks)
        queue.settings.postStep = settings.postStep?.masked(by: masks)
        return queue
    }
}

extension StepOrder {
    fileprivate func masked(by masks: [ComponentName: ParamsSchema]) -> StepOrder {
        step.map { .run($0.masked(by: masks)) } ?? self
    }
}

extension FollowUp {
    fileprivate func masked(by masks: [ComponentName: ParamsSchema]) -> FollowUp {
        guard let params else { return self }
        switch target {
        case .component(let text):
            return ComponentName(text).map { FollowUp(target, params: masks.masked(params, of: $0)) } ?? self
        case .job: return FollowUp(target, params: masks.masked(params))
        }
    }
}
