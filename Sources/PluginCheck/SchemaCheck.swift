import HostHTTP
import JobModel

/// Whether params can be checked with what components say about them.
enum SchemaCheck {
    static func verdict(_ components: [ComponentDescriptor]) -> CheckResult.Verdict {
        let described = components.filter { !$0.paramsSchema.isEmpty }
        guard !described.isEmpty else { return .notApplicable("no component has a params_schema") }
        for component in described {
            do throws(JSONError) {
                let schema = try JSONParser.parse(component.paramsSchema)
                if let fault = fault(schema, "$") { return .failed("\(component.id): \(fault)") }
            } catch {
                return .failed("\(component.id): its params_schema is not JSON: \(error)")
            }
        }
        return .passed("")
    }

    private static let types: Set<String> = [
        "object", "array", "string", "integer", "number", "boolean", "null",
    ]

    /// The first thing that is wrong, and where.
    private static func fault(_ schema: JSONValue, _ path: String) -> String? {
        if schema.bool != nil { return nil }
        guard let members = schema.members else { return "\(path) is \(schema.kind), not an object" }
        if let fault = typeFault(schema, path) { return fault }
        for property in schema["properties"]?.members ?? [] {
            if let fault = fault(property.value, "\(path).properties.\(property.name)") { return fault }
        }
        for name in ["items", "additionalProperties"] {
            if let part = schema[name], let fault = fault(part, "\(path).\(name)") { return fault }
        }
        return members.isEmpty ? nil : requiredFault(schema, path)
    }

    private static func typeFault(_ schema: JSONValue, _ path: String) -> String? {
        guard let type = schema["type"] else { return nil }
        let names = type.string.map { [$0] } ?? type.array?.compactMap(\.string) ?? []
        guard !names.isEmpty, let unknown = names.first(where: { !types.contains($0) }) else {
            return names.isEmpty ? "\(path).type is \(type.kind), not a type's name" : nil
        }
        return "\(path).type is \"\(unknown)\", which is no type"
    }

    private static func requiredFault(_ schema: JSONValue, _ path: String) -> String? {
        guard let required = schema["required"] else { return nil }
        guard let names = required.array, names.allSatisfy({ $0.string != nil }) else {
            return "\(path).required must be a list of names"
        }
        guard schema["additionalProperties"]?.bool == false else { return nil }
        let known = Set((schema["properties"]?.members ?? []).map(\.name))
        let missing = names.compactMap(\.string).first { !known.contains($0) }
        return missing.map { "\(path) requires \"\($0)\" and does not allow it" }
    }
}
