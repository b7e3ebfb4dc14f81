/// A filter as people write it: `component:text/grep state:failed,expired since:02:00 tag:nightly`. Terms with blanks
/// between, all of which must hold; values with blanks stand in double quotes.
extension RunFilter {
    /// Every term there is, with what its value is.
    package static let terms: KeyValuePairs<String, String> = [
        "state": "states with commas between, out of \(RunState.allCases.map(\.word).joined(separator: ", "))",
        "component": "plugin id, slash, component id, or a component id that one plugin alone has",
        "job": "the name of a job",
        "queue": "the name of a queue",
        "tag": "a tag; each of several must be there",
        "correlation": "the name of what the run is part of",
        "key": "a unique key",
        "source": RunSource.allCases.map(\.word).joined(separator: ", "),
        "upstream": "the name of an upstream",
        "instance": "what the server of an upstream calls a run",
        "outcome": OutcomeKind.allCases.map(\.rawValue).joined(separator: ", "),
        "parent": "the number of a run",
        "cause": "the number of a run",
        "since": timeRule,
        "until": timeRule,
    ]

    private static let timeRule =
        "a time (2030-01-31T09:00:00Z), the last time a clock in UTC said so (02:00), or a while ago (2h)"

    /// `now` is what times and whiles count from; `components` are those that may be meant by their ids alone.
    package init(
        text: some StringProtocol, now: Instant, components: [ComponentName] = []
    ) throws(FilterError) {
        self.init()
        var given: Set<String> = []
        for term in try FilterTerms.split(Array(text.utf8)) {
            guard given.insert(term.name).inserted || term.name == "tag" else {
                throw FilterError(term: term.text, reason: "\"\(term.name)\" was given before")
            }
            try add(term, now: now, components)
        }
    }

    private mutating func add(
        _ term: FilterTerm, now: Instant, _ components: [ComponentName]
    ) throws(FilterError) {
        switch term.name {
        case "state": states = try term.read(Self.states)
        case "component": component = try term.component(among: components)
        case "job": job = try term.read { Identifier.isName($0) ? $0 : nil }
        case "queue": queue = try term.read { Identifier.isName($0) ? $0 : nil }
        case "tag": tags.append(try term.read { RunTags.isTag($0) ? $0 : nil })
        case "correlation": correlation = try term.read { $0.isEmpty ? nil : $0 }
        case "key": key = try term.read { $0.isEmpty ? nil : $0 }
        case "source": source = try term.read(RunSource.init(word:))
        case "upstream": upstream = try term.read { Identifier.isName($0) ? $0 : nil }
        case "instance": instance = try term.read { $0.isEmpty ? nil : $0 }
        case "outcome": outcome = try term.read(OutcomeKind.init(rawValue:))
        case "parent": parent = try term.read(Self.run)
        case "cause": cause = try term.read(Self.run)
        case "since": since = try term.read { Self.time($0, now) }
        case "until": until = try term.read { Self.time($0, now) }
        default:
            let hint = Spelling.hint(for: term.name, among: Self.terms.map(\.key))
            throw FilterError(term: term.text, reason: "there is no term \"\(term.name.excerpt)\"; \(hint)")
        }
    }

    private static func states(_ text: String) -> Set<RunState>? {
        let states = text.split(separator: ",", omittingEmptySubsequences: false).map { RunState(word: $0) }
        return states.contains(nil) ? nil : Set(states.compactMap(\.self))
    }

    private static func run(_ text: String) -> RunID? { RunID(text).flatMap { $0 > 0 ? $0 : nil } }

    /// What `since` and `until` take, also where they are given by themselves.
    package static func time(_ text: String, _ now: Instant) -> Instant? {
        if let instant = Instant(rfc3339: text) { return instant }
        if let ago = Duration(berthText: text) { return now + (.zero - ago) }
        return lastTime(text, now)
    }

    /// `02:00` or `02:00:30`: today, or yesterday when that is still to come.
    private static func lastTime(_ text: String, _ now: Instant) -> Instant? {
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        guard (2...3).contains(parts.count), parts.allSatisfy({ $0.utf8.count == 2 }) else { return nil }
        let numbers = parts.compactMap { Int64($0) }
        guard numbers.count == parts.count, (0...23).contains(numbers[0]),
            numbers.dropFirst().allSatisfy({ (0...59).contains($0) })
        else { return nil }
        let day: Int64 = 86_400_000_000
        let time = (numbers[0] * 3600 + numbers[1] * 60 + (numbers.count == 3 ? numbers[2] : 0)) * 1_000_000
        let midnight = now.microseconds - (now.microseconds % day + day) % day
        return Instant(microseconds: midnight + time <= now.microseconds ? midnight + time : midnight + time - day)
    }
}

/// A filter that cannot be read: the term, and what is wrong with it.
package struct FilterError: Error, Hashable, Sendable, CustomStringConvertible {
    package var term: String
    package var reason: String

    package var description: String { "\(reason); the term is \"\(term.excerpt)\"" }
}

private struct FilterTerm {
    var name: String
    var value: String
    /// As it was written.
    var text: String

    func read<Value>(_ convert: (String) -> Value?) throws(FilterError) -> Value {
        guard let value = convert(value) else {
            let rule = RunFilter.terms.first { $0.key == name }?.value ?? ""
            throw FilterError(term: text, reason: "the value of \"\(name)\" must be \(rule)")
        }
        return value
    }
}

extension FilterTerm {
    fileprivate func component(among known: [ComponentName]) throws(FilterError) -> ComponentName {
        let fitting = Set(known.filter { $0.component == value })
        guard fitting.count > 1 else { return try read { ComponentName($0) ?? fitting.first } }
        let names = fitting.map(\.description).sorted().joined(separator: " or ")
        throw FilterError(term: text, reason: "\"\(value)\" could be \(names): give the full name")
    }
}

private enum FilterTerms {
    static func split(_ bytes: [UInt8]) throws(FilterError) -> [FilterTerm] {
        var terms: [FilterTerm] = []
        var rest = bytes[...]
        while true {
            rest = rest.drop(while: isBlank)
            guard !rest.isEmpty else { return terms }
            terms.append(try next(&rest))
        }
    }

    private static func next(_ rest: inout ArraySlice<UInt8>) throws(FilterError) -> FilterTerm {
        let name = rest.prefix { !isBlank($0) && $0 != UInt8(ascii: ":") }
        let after = rest[name.endIndex...]
        guard after.first == UInt8(ascii: ":") else {
            let word = text(rest.prefix { !isBlank($0) })
            throw FilterError(term: word, reason: "a term is name:value, such as state:failed")
        }
        rest = after.dropFirst()
        let value = try value(&rest, after: name)
        return FilterTerm(name: text(name), value: value, text: "\(text(name)):\(value)")
    }

    private static func value(
        _ rest: inout ArraySlice<UInt8>, after name: ArraySlice<UInt8>
    ) throws(FilterError) -> String {
        guard rest.first == UInt8(ascii: "\"") else {
            let value = rest.prefix { !isBlank($0) }
            rest = rest[value.endIndex...]
            return text(value)
        }
        let quoted = rest.dropFirst().prefix { $0 != UInt8(ascii: "\"") }
        guard quoted.endIndex < rest.endIndex else {
            throw FilterError(term: text(name) + ":" + text(rest), reason: "the quote is not closed")
        }
        rest = rest[(quoted.endIndex + 1)...]
        guard rest.first.map(isBlank) ?? true else {
            throw FilterError(term: text(name) + ":" + text(quoted), reason: "a blank must follow the quote")
        }
        return text(quoted)
    }

    private static func isBlank(_ byte: UInt8) -> Bool { byte == 0x20 || (0x09...0x0d).contains(byte) }
    private static func text(_ bytes: some Sequence<UInt8>) -> String { String(decoding: Array(bytes), as: UTF8.self) }
}
