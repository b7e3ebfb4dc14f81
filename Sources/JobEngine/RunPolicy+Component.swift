import JobModel

extension RunPolicy {
    /// With what the component declares filled in. Runs carry the result, so that a later host knows it even if the
    /// plugin is gone by then.
    func resolved(for component: ComponentDescriptor, hasOwnTimeout: Bool) -> RunPolicy {
        var resolved = self
        if !hasOwnTimeout, component.defaultTimeout > .zero { resolved.timeout = component.defaultTimeout }
        if component.flags.contains(.notRepeatable) { resolved.onUnknown = .hold }
        if case .eachOf = placement, component.kind != .processor { resolved.reducing = .count }
        return resolved
    }
}

extension JobDefinition {
    /// A job that asks for the usual limit leaves it to its component.
    var hasOwnTimeout: Bool { policy.timeout != RunPolicy.standard.timeout }
}
