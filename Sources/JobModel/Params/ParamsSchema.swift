/// What a component accepts as params: JSON Schema (2020-12), restricted to the words of `SchemaReader`. Compiled once
/// for a plugin, shared by everybody who checks; two of them are the same schema if they are the same object.
package final class ParamsSchema: Sendable {
    package let text: String
    private let root: SchemaNode
    /// `{}`, which most runs have, was judged once and for all.
    private let verdictOnNothing: Result<[UInt8], ParamsRefusal>

    /// Throws the first thing in `text` that cannot be used, and where it is.
    package init(_ text: String) throws(SchemaFault) {
        self.text = text
        root = try SchemaReader.read(text)
        verdictOnNothing = Self.complete(Self.nothing, root)
    }

    private static let nothing: [UInt8] = Array("{}".utf8)

    /// Whether there is anything to check or to fill in. Without, checks can be left out.
    package var judges: Bool { root.judgesObjects }
    package var hasSecrets: Bool { root.hasSecrets }

    /// Whether params may have a member of this name, as far as that can be said without its value.
    package func admits(_ name: String) -> Bool {
        if root.places[name] != nil { return true }
        if case .refused = root.additional { return false }
        return true
    }

    /// The params with defaults filled in: the same bytes where nothing was missing.
    package func complete(_ params: [UInt8]) throws(ParamsRefusal) -> [UInt8] {
        try (params == Self.nothing ? verdictOnNothing : Self.complete(params, root)).get()
    }

    private static func complete(_ params: [UInt8], _ root: SchemaNode) -> Result<[UInt8], ParamsRefusal> {
        let value: JSONValue
        do { value = try JSONParser.parse(params) } catch {
            return .failure(ParamsRefusal([ParamsFault(path: "$", reason: "is not JSON: \(error)")]))
        }
        var check = ParamsCheck()
        let complete = check.complete(value, root)
        if let refusal = check.refusal { return .failure(refusal) }
        return .success(check.hasFilled ? complete.bytes : params)
    }

    /// The params with what is secret replaced. They need not fit the schema.
    package func masked(_ params: [UInt8]) -> [UInt8] {
        guard root.hasSecrets else { return params }
        guard let value = try? JSONParser.parse(params) else { return JSONValue.string(SecretTexts.mask).bytes }
        return root.masked(value).bytes
    }

    /// What must not be seen in texts about a run with these params.
    package func secrets(in params: [UInt8]) -> SecretTexts {
        guard root.hasSecrets, let value = try? JSONParser.parse(params) else { return SecretTexts() }
        return SecretTexts(root.secrets(in: value))
    }
}

extension ParamsSchema: Hashable {
    package static func == (left: ParamsSchema, right: ParamsSchema) -> Bool { left === right }
    package func hash(into hasher: inout Hasher) { hasher.combine(ObjectIdentifier(self)) }
}

extension ComponentDescriptor {
    /// Nil when there is nothing to check, to fill in or to hide.
    package func compiledSchema() throws(SchemaFault) -> ParamsSchema? {
        guard !paramsSchema.isEmpty else { return nil }
        let schema = try ParamsSchema(paramsSchema)
        return schema.judges || schema.hasSecrets ? schema : nil
    }
}

/// Why params are refused: everything that is wrong with them, up to a limit.
package struct ParamsRefusal: Error, Hashable, Sendable {
    package static let mostFaults = 20

    package var faults: [ParamsFault]
    /// Faults beyond the limit.
    package var more: Int

    package init(_ faults: [ParamsFault], more: Int = 0) {
        self.faults = faults
        self.more = more
    }
}

extension ParamsRefusal: CustomStringConvertible {
    package var description: String {
        let listed = faults.map(\.description).joined(separator: "; ")
        return more > 0 ? "\(listed); and \(more) more" : listed
    }
}

/// One thing that is wrong with params, and where.
package struct ParamsFault: Hashable, Sendable, CustomStringConvertible {
    /// Such as `$.path.to[3]`.
    package var path: String
    /// Completes a sentence that begins with the path: `must be at most 10, is 12`.
    package var reason: String

    package init(path: String, reason: String) {
        self.path = path
        self.reason = reason
    }

    package var description: String { "\(path): \(reason)" }
}

/// Why a schema cannot be used, and where in it.
package struct SchemaFault: Error, Hashable, Sendable, CustomStringConvertible {
    package var path: String
    package var reason: String

    package var description: String { "\(path): \(reason)" }
}
