/// One check of a value against a schema: what is wrong, and the value with defaults filled in. Its work is bounded, so
/// that neither a hostile schema nor hostile params can hold the host up.
struct ParamsCheck {
    private var faults: [ParamsFault] = []
    private var more = 0
    private(set) var hasFilled = false
    private var path = JSONPath()
    private var budget = 20_000_000
    private var isExhausted = false
    /// Inside something that is secret, or may be: values are not quoted.
    private var isDiscreet = false

    var refusal: ParamsRefusal? { faults.isEmpty ? nil : ParamsRefusal(faults, more: more) }

    mutating func complete(_ value: JSONValue, _ node: SchemaNode) -> JSONValue {
        let wasDiscreet = isDiscreet
        defer { isDiscreet = wasDiscreet }
        isDiscreet = isDiscreet || node.isSecret
        guard spend(1) else { return value }
        guard node.types.welcome(value) else {
            report("must be \(node.types.text), is \(isDiscreet ? value.kind : quote(value))")
            return value
        }
        if let choices = node.choices { judge(value, among: choices) }
        switch value {
        case .number(let text): judge(number: text, node)
        case .string(let text): judge(text: text, node)
        case .array(let elements): return alternative(array(elements, value, node), node)
        case .object(let members): return alternative(object(members, value, node), node)
        case .null, .bool: break
        }
        return alternative(value, node)
    }

    // MARK: Single values

    private mutating func judge(_ value: JSONValue, among choices: [JSONValue]) {
        guard !choices.contains(where: { $0.means(value) }) else { return }
        let known = choices.prefix(10).map(\.text.excerpt).joined(separator: ", ")
        let words = choices.count == 1 ? "must be \(known)" : "must be one of \(known)"
        report(words + (choices.count > 10 ? ", …" : ""), value)
    }

    private mutating func judge(number text: String, _ node: SchemaNode) {
        guard node.minimum != nil || node.maximum != nil else { return }
        let number = DecimalNumber(text)
        if let minimum = node.minimum, number < minimum.value {
            report("must be at least \(minimum.text)", .number(text))
        }
        if let maximum = node.maximum, number > maximum.value {
            report("must be at most \(maximum.text)", .number(text))
        }
    }

    private mutating func judge(text: String, _ node: SchemaNode) {
        if node.minLength != nil || node.maxLength != nil {
            let length = text.unicodeScalars.count
            if let least = node.minLength, length < least {
                report("must have at least \(Self.count(least, "character")), has \(length)")
            }
            if let most = node.maxLength, length > most {
                report("must have at most \(Self.count(most, "character")), has \(length)")
            }
        }
        guard let pattern = node.pattern else { return }
        switch pattern.program.matches(text, budget: &budget) {
        case true?: break
        case false?: report("must match the pattern \(pattern.text.excerpt)", .string(text))
        case nil: reportExhaustion()
        }
    }

    // MARK: Lists and objects

    private mutating func array(_ elements: [JSONValue], _ value: JSONValue, _ node: SchemaNode) -> JSONValue {
        if let least = node.minItems, elements.count < least {
            report("must have at least \(Self.count(least, "element")), has \(elements.count)")
        }
        if let most = node.maxItems, elements.count > most {
            report("must have at most \(Self.count(most, "element")), has \(elements.count)")
        }
        guard case .judged(let item) = node.items else {
            if case .refused = node.items, !elements.isEmpty { report("must be empty") }
            return value
        }
        var complete = elements
        for index in elements.indices {
            within(.element(index)) { check in check.replace(&complete[index], by: item) }
        }
        return .array(complete)
    }

    private mutating func object(_ members: [JSONMember], _ value: JSONValue, _ node: SchemaNode) -> JSONValue {
        var complete = members
        var seen = [Bool](repeating: false, count: node.properties.count)
        for index in members.indices {
            within(.member(members[index].name)) { check in
                check.member(&complete[index], node, &seen)
            }
        }
        for (place, property) in node.properties.enumerated() where !seen[place] {
            if let fallback = property.node.fallback {
                complete.append(JSONMember(property.name, fallback))
                hasFilled = true
            } else if property.isRequired {
                within(.member(property.name)) { check in check.report("is missing") }
            }
        }
        return .object(complete)
    }

    private mutating func member(_ member: inout JSONMember, _ node: SchemaNode, _ seen: inout [Bool]) {
        if let place = node.places[member.name] {
            seen[place] = true
            return replace(&member.value, by: node.properties[place].node)
        }
        switch node.additional {
        case .welcome: _ = spend(1)
        case .refused: report("is not a param here; " + Spelling.hint(for: member.name, among: node.names))
        case .judged(let rest): replace(&member.value, by: rest)
        }
    }

    /// Values are written back only when something within them was filled in.
    private mutating func replace(_ value: inout JSONValue, by node: SchemaNode) {
        let hadFilled = hasFilled
        hasFilled = false
        let complete = self.complete(value, node)
        if hasFilled { value = complete }
        hasFilled = hasFilled || hadFilled
    }

    // MARK: Alternatives

    private mutating func alternative(_ value: JSONValue, _ node: SchemaNode) -> JSONValue {
        guard !node.alternatives.isEmpty else { return value }
        isDiscreet = isDiscreet || node.hasSecrets
        var fitting: [ParamsCheck] = []
        var values: [JSONValue] = []
        var complaints: [String] = []
        for (index, schema) in node.alternatives.enumerated() {
            var trial = self
            trial.faults = []
            trial.hasFilled = false
            trial.isExhausted = false
            let complete = trial.complete(value, schema)
            budget = trial.budget
            if let fault = trial.faults.first {
                complaints.append("by the \(Self.ordinal(index + 1)), \(fault)")
            } else {
                fitting.append(trial)
                values.append(complete)
            }
        }
        guard let trial = fitting.first, fitting.count == 1 else {
            reportAlternatives(of: node.alternatives.count, fitting: fitting.count, complaints)
            return value
        }
        hasFilled = hasFilled || trial.hasFilled
        return values[0]
    }

    private mutating func reportAlternatives(of count: Int, fitting: Int, _ complaints: [String]) {
        guard fitting == 0 else {
            return report("must fit exactly one of \(count) alternatives, fits \(fitting)")
        }
        let listed = complaints.prefix(4).joined(separator: "; ")
        report("fits none of \(Self.count(count, "alternative")): \(listed)")
    }

    // MARK: Reports

    private mutating func within(_ step: JSONPath.Step, _ body: (inout ParamsCheck) -> Void) {
        path.enter(step)
        body(&self)
        path.leave()
    }

    private mutating func report(_ words: String, _ value: JSONValue) {
        report(isDiscreet ? words : "\(words), is \(quote(value))")
    }

    private mutating func report(_ reason: String) {
        guard faults.count < ParamsRefusal.mostFaults else { return more += 1 }
        faults.append(ParamsFault(path: path.description, reason: reason))
    }

    private func quote(_ value: JSONValue) -> String {
        switch value {
        case .array, .object: value.kind
        default: value.text.excerpt
        }
    }

    /// False when there has been enough of it.
    private mutating func spend(_ work: Int) -> Bool {
        budget -= work
        if budget < 0 { reportExhaustion() }
        return budget >= 0
    }

    private mutating func reportExhaustion() {
        guard !isExhausted else { return }
        isExhausted = true
        faults.append(ParamsFault(path: "$", reason: "takes too much work to check: send less at once"))
    }

    private static func count(_ number: Int, _ noun: String) -> String {
        number == 1 ? "1 \(noun)" : "\(number) \(noun)s"
    }

    private static func ordinal(_ number: Int) -> String {
        switch number {
        case 1: "first"
        case 2: "second"
        case 3: "third"
        default: "\(number)th"
        }
    }
}

extension SchemaNode {
    var names: [String] { properties.map(\.name) }
}
