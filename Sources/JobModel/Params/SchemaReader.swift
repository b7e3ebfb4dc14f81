/// Compiles JSON Schema text. What it does not know it refuses: a misspelt word would check nothing, for ever, in silence.
struct SchemaReader {
    static let mostBytes = 256 << 10
    static let mostNodes = 4096
    /// Words that say nothing about what is valid.
    private static let remarks: Set<String> = ["$schema", "$id", "$comment", "title", "description", "examples"]

    private var nodes = 0

    static func read(_ text: String) throws(SchemaFault) -> SchemaNode {
        guard text.utf8.count <= mostBytes else {
            throw SchemaFault(path: "$", reason: "the schema has more than \(mostBytes >> 10) KiB")
        }
        let json: JSONValue
        do { json = try JSONParser.parse(text) } catch {
            throw SchemaFault(path: "line \(error.line), column \(error.column)", reason: error.reason)
        }
        var reader = SchemaReader()
        var root = try reader.node(json, at: JSONPath())
        guard root.types.contains(.object) else {
            throw SchemaFault(path: "$.type", reason: "params are an object, this allows \(root.types.text) only")
        }
        root.judgesObjects = root.saysMoreThanObject
        return root
    }

    private mutating func node(_ json: JSONValue, at path: JSONPath) throws(SchemaFault) -> SchemaNode {
        guard let members = json.members else {
            throw SchemaFault(path: "\(path)", reason: "a schema is an object, this is \(json.kind)")
        }
        nodes += 1
        guard nodes <= Self.mostNodes else {
            throw SchemaFault(path: "\(path)", reason: "more than \(Self.mostNodes) schemas in one")
        }
        var node = SchemaNode()
        var fallback: JSONValue?
        for member in members {
            let place = path.member(member.name)
            switch member.name {
            case "default": fallback = member.value
            case "title", "description": _ = try text(member.value, at: place)
            default: try take(member, into: &node, at: place)
            }
        }
        for name in node.properties.indices { node.places[node.properties[name].name] = name }
        node.hasSecrets = node.isSecret || node.parts.contains(where: \.hasSecrets)
        if let fallback { node.fallback = try Self.checked(fallback, node, at: path.member("default")) }
        return node
    }

    private mutating func take(_ member: JSONMember, into node: inout SchemaNode, at path: JSONPath) throws(SchemaFault)
    {
        let value = member.value
        switch member.name {
        case "type": node.types = try types(value, at: path)
        case "enum": node.choices = try list(value, at: path)
        case "const": node.choices = [value]
        case "minimum": node.minimum = try bound(value, at: path)
        case "maximum": node.maximum = try bound(value, at: path)
        case "minLength": node.minLength = try count(value, at: path)
        case "maxLength": node.maxLength = try count(value, at: path)
        case "minItems": node.minItems = try count(value, at: path)
        case "maxItems": node.maxItems = try count(value, at: path)
        case "pattern": node.pattern = try pattern(value, at: path)
        case "items": node.items = try rest(value, at: path)
        case "additionalProperties": node.additional = try rest(value, at: path)
        case "properties": try properties(value, into: &node, at: path)
        case "required": try required(value, into: &node, at: path)
        case "oneOf": node.alternatives = try alternatives(value, at: path)
        case "x-secret": node.isSecret = try bool(value, at: path)
        default: try judge(unknown: member.name, at: path)
        }
    }

    /// Widgets and remarks are for those who draw forms, and so is every other word that begins with `x-`.
    private func judge(unknown name: String, at path: JSONPath) throws(SchemaFault) {
        guard !Self.remarks.contains(name), !name.hasPrefix("x-") else { return }
        throw SchemaFault(
            path: "\(path)", reason: "this host does not know the word; \(Spelling.hint(for: name, among: Self.words))")
    }

    private static let words = [
        "type", "properties", "required", "enum", "const", "default", "minimum", "maximum", "minLength", "maxLength",
        "pattern", "items", "minItems", "maxItems", "additionalProperties", "oneOf", "x-secret", "x-widget", "title",
        "description",
    ]

    /// A default is what the schema itself accepts, with the defaults within it filled in.
    private static func checked(
        _ fallback: JSONValue, _ node: SchemaNode, at path: JSONPath
    ) throws(SchemaFault) -> JSONValue {
        var check = ParamsCheck()
        let complete = check.complete(fallback, node)
        if let refusal = check.refusal {
            throw SchemaFault(path: "\(path)", reason: "does not fit its own schema: \(refusal)")
        }
        return complete
    }
}

// MARK: - Schemas within schemas

extension SchemaReader {
    private mutating func rest(_ value: JSONValue, at path: JSONPath) throws(SchemaFault) -> SchemaNode.Rest {
        if let isWelcome = value.bool { return isWelcome ? .welcome : .refused }
        return .judged(try node(value, at: path))
    }

    private mutating func alternatives(_ value: JSONValue, at path: JSONPath) throws(SchemaFault) -> [SchemaNode] {
        var nodes: [SchemaNode] = []
        for (index, element) in try list(value, at: path).enumerated() {
            nodes.append(try node(element, at: path.element(index)))
        }
        return nodes
    }

    private mutating func properties(
        _ value: JSONValue, into node: inout SchemaNode, at path: JSONPath
    ) throws(SchemaFault) {
        guard let members = value.members else { throw fault(value, at: path, "an object") }
        var required = Set(node.properties.lazy.filter(\.isRequired).map(\.name))
        node.properties = []
        for member in members {
            let schema = try self.node(member.value, at: path.member(member.name))
            let isRequired = required.remove(member.name) != nil
            node.properties.append(.init(name: member.name, node: schema, isRequired: isRequired))
        }
        for name in required.sorted() { node.properties.append(.init(name: name, isRequired: true)) }
    }

    private func required(_ value: JSONValue, into node: inout SchemaNode, at path: JSONPath) throws(SchemaFault) {
        var places: [String: Int] = [:]
        for (place, property) in node.properties.enumerated() { places[property.name] = place }
        for (index, element) in (try list(value, at: path, mayBeEmpty: true)).enumerated() {
            let name = try text(element, at: path.element(index))
            if let place = places[name] {
                node.properties[place].isRequired = true
            } else {
                places[name] = node.properties.count
                node.properties.append(.init(name: name, isRequired: true))
            }
        }
    }
}

// MARK: - Plain values

extension SchemaReader {
    private func types(_ value: JSONValue, at path: JSONPath) throws(SchemaFault) -> JSONTypes {
        let names = value.array ?? [value]
        guard !names.isEmpty else { throw SchemaFault(path: "\(path)", reason: "names no type") }
        var types: JSONTypes = []
        for name in names {
            let word = try text(name, at: path)
            guard let type = JSONTypes.words.first(where: { $0.key == word })?.value else {
                let known = JSONTypes.words.map(\.key)
                throw SchemaFault(
                    path: "\(path)",
                    reason: "there is no type \"\(word.excerpt)\"; \(Spelling.hint(for: word, among: known))")
            }
            types.formUnion(type)
        }
        return types
    }

    private func bound(_ value: JSONValue, at path: JSONPath) throws(SchemaFault) -> SchemaNode.Bound {
        guard case .number(let text) = value else { throw fault(value, at: path, "a number") }
        return SchemaNode.Bound(text: text, value: DecimalNumber(text))
    }

    private func count(_ value: JSONValue, at path: JSONPath) throws(SchemaFault) -> Int {
        guard let count = value.integer.flatMap({ Int(exactly: $0) }), count >= 0 else {
            throw fault(value, at: path, "a whole number, 0 or more")
        }
        return count
    }

    private func pattern(_ value: JSONValue, at path: JSONPath) throws(SchemaFault) -> SchemaNode.Pattern {
        let text = try self.text(value, at: path)
        do throws(PatternFault) {
            return SchemaNode.Pattern(text: text, program: try TextPattern(text))
        } catch {
            throw SchemaFault(path: "\(path)", reason: "\(error)")
        }
    }

    private func text(_ value: JSONValue, at path: JSONPath) throws(SchemaFault) -> String {
        guard let text = value.string else { throw fault(value, at: path, "a text") }
        return text
    }

    private func bool(_ value: JSONValue, at path: JSONPath) throws(SchemaFault) -> Bool {
        guard let bool = value.bool else { throw fault(value, at: path, "true or false") }
        return bool
    }

    private func list(
        _ value: JSONValue, at path: JSONPath, mayBeEmpty: Bool = false
    ) throws(SchemaFault) -> [JSONValue] {
        guard let elements = value.array, mayBeEmpty || !elements.isEmpty else {
            throw fault(value, at: path, mayBeEmpty ? "a list" : "a list with something in it")
        }
        return elements
    }

    private func fault(_ value: JSONValue, at path: JSONPath, _ wanted: String) -> SchemaFault {
        SchemaFault(path: "\(path)", reason: "must be \(wanted), is \(value.text.excerpt)")
    }
}

extension SchemaNode {
    /// The schemas right within it.
    fileprivate var parts: [SchemaNode] {
        var parts = properties.map(\.node) + alternatives
        if case .judged(let node) = items { parts.append(node) }
        if case .judged(let node) = additional { parts.append(node) }
        return parts
    }

    fileprivate var saysMoreThanObject: Bool {
        if case .welcome = additional { return choices != nil || !properties.isEmpty || !alternatives.isEmpty }
        return true
    }
}
