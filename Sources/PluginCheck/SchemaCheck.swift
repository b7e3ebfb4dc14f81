import JobModel

/// Whether params can be checked with what components say about them.
enum SchemaCheck {
    static func verdict(_ components: [ComponentDescriptor]) -> CheckResult.Verdict {
        let described = components.filter { !$0.paramsSchema.isEmpty }
        guard !described.isEmpty else { return .notApplicable("no component has a params_schema") }
        for component in described {
            do throws(SchemaFault) {
                _ = try ParamsSchema(component.paramsSchema)
            } catch {
                return .failed("\(component.id): \(error)")
            }
        }
        return .passed("")
    }
}
