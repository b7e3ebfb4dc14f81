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
}

extension Step {
    func masked(by masks: [ComponentName: ParamsSchema]) -> Step {
        var step = self
        step.params = masks.masked(params, of: component)
        return step
    }
}

extension StepOrder {
    fileprivate func masked(by masks: [ComponentName: ParamsSchema]) -> StepOrder {
        step.map { .run($0.masked(by: masks)) } ?? self
    }
}

extension FollowUp {
    fileprivate func masked(by masks: [ComponentName: ParamsSchema]) -> FollowUp {
        guard case .component(let text) = target, let name = ComponentName(text), let params else { return self }
        return FollowUp(target, params: masks.masked(params, of: name))
    }
}
