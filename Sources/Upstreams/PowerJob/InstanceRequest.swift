import JobEngine
package import JobModel

/// The run that an instance becomes.
extension RunRequest {
    /// `admits` says whether a component's schema has a place for a member that is not its own.
    package init(
        _ order: InstanceOrder, component: ComponentName, settings: PowerJobSettings, admits: (String) -> Bool
    ) throws(OrderFault) {
        self.init(
            component: component, params: try order.params(admits: admits).bytes, policy: order.policy,
            queue: settings.queue, hasOwnTimeout: true)
        policy.access = settings.access
    }
}

extension InstanceOrder {
    /// The limits and attempts of the server's job. An attempt that ran out of time is older than `within` allows, so that
    /// none follows it.
    package var policy: RunPolicy {
        RunPolicy(
            timeout: timeout,
            retry: RetryPolicy(attempts: retries + 1, delay: .fixed(.zero), crashes: retries + 1, within: timeout))
    }

    /// An object is the params, in which members of an object in `instanceParams` replace those of `jobParams`. Other texts
    /// are members of their own. The context of a workflow is one too, where the component has a place for it.
    func params(admits: (String) -> Bool) throws(OrderFault) -> JSONValue {
        if let official = OfficialProcessor(rawValue: processor) { return try official.params(self) }
        if let script { return script }
        guard workflow != nil else { return plainParams(instanceParams) }
        guard case .object(var members) = plainParams(nil) else { return [:] }
        if let context = Self.object(instanceParams), admits("workflowContext") {
            members.removeAll { $0.name == "workflowContext" }
            members.append(JSONMember("workflowContext", .object(context)))
        }
        return .object(members)
    }

    private func plainParams(_ instanceParams: String?) -> JSONValue {
        let own = Self.object(jobParams), instance = Self.object(instanceParams)
        if let own, let instance {
            return .object(own.filter { one in !instance.contains { $0.name == one.name } } + instance)
        }
        if let own, instanceParams?.isBlank ?? true { return .object(own) }
        if let instance, jobParams?.isBlank ?? true { return .object(instance) }
        return .object(present: [
            "jobParams": Self.text(jobParams), "instanceParams": Self.text(instanceParams),
        ])
    }

    /// Of the script processors of old, whose info is the script.
    private var script: JSONValue? {
        switch processorType {
        case .shell: ["language": "bash", "code": .string(processor)]
        case .python: ["language": "python", "code": .string(processor)]
        case .builtIn, .external: nil
        }
    }

    private static func object(_ text: String?) -> [JSONMember]? {
        text.flatMap { try? JSONParser.parse($0) }?.members
    }

    private static func text(_ text: String?) -> JSONValue? {
        text.flatMap { $0.isBlank ? nil : .string($0) }
    }

    func fault(_ reason: String) -> OrderFault {
        OrderFault(job: job, instance: instance, workflow: workflow, reason: reason)
    }
}
