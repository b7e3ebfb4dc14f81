import CYaml
import JobModel

/// What the values of a text come to when each alias stands for what it names, counted from the parser's events before
/// any value is made: composing aliases of aliases, or a name that holds them, takes time and stack without end.
struct YAMLMeasure {
    static let maximumValues = 100_000
    /// As deep as requests may be.
    static let maximumDepth = JSONParser.maximumDepth
    /// How many bytes of texts aliases may add to what is written.
    static let maximumRepeated = 1 << 20

    private(set) var size = Size()
    private let written: Int
    /// They are good for all documents behind them, as in the composer.
    private var anchors: [String: Part] = [:]
    private var open: [Collection] = []

    struct Size {
        /// Names are none.
        var values = 0
        var bytes = 0
    }

    /// What an anchor names.
    private struct Part {
        var size: Size
        var depth: Int
    }

    /// A list or mapping whose end has not come.
    private struct Collection {
        var anchor: String?
        var isMapping: Bool
        var before: Size
        var nodes = 0
        /// Of the deepest value so far.
        var depth = 0

        var expectsName: Bool { isMapping && nodes.isMultiple(of: 2) }
    }

    /// Reads up to the end or to the first mistake in writing, which is the composer's to tell. Throws where the values
    /// would be too many, too deep or too long, or where a name is more than a text.
    init(of text: String) throws(YAMLError) {
        written = text.utf8.count
        var events = YAMLEvents(text)
        while let event = events.next(), try add(event) {}
    }

    /// False where the composer will stop.
    private mutating func add(_ event: YAMLEvents.Event) throws(YAMLError) -> Bool {
        let isName = open.last?.expectsName ?? false
        switch event.kind {
        case .scalar(let bytes):
            try add(Part(size: Size(values: 1, bytes: bytes), depth: 0), isName: isName, event)
            if let anchor = event.anchor { anchors[anchor] = Part(size: Size(values: 1, bytes: bytes), depth: 0) }
        case .alias:
            guard !isName else { throw Self.noName(event) }
            guard let part = event.anchor.flatMap({ anchors[$0] }) else { return false }
            try add(part, isName: false, event)
        case .begin(let isMapping):
            guard !isName else { throw Self.noName(event) }
            open.append(Collection(anchor: event.anchor, isMapping: isMapping, before: size))
            try check(depth: open.count, event)
        case .end:
            guard let ended = open.popLast() else { return false }
            let whole = Size(
                values: size.values - ended.before.values + 1, bytes: size.bytes - ended.before.bytes)
            size = ended.before
            let part = Part(size: whole, depth: ended.depth + 1)
            try add(part, isName: false, event)
            if let anchor = ended.anchor { anchors[anchor] = part }
        case .other: break
        }
        return true
    }

    private mutating func add(_ part: Part, isName: Bool, _ event: YAMLEvents.Event) throws(YAMLError) {
        size.values += isName ? 0 : part.size.values
        size.bytes += part.size.bytes
        if !open.isEmpty {
            open[open.count - 1].nodes += 1
            open[open.count - 1].depth = max(open[open.count - 1].depth, part.depth)
        }
        try check(depth: open.count + part.depth, event)
        guard size.values <= Self.maximumValues else {
            throw YAMLError(
                line: event.line, reason: "there are too many values, \(Self.maximumValues) at most: split the file")
        }
        guard size.bytes <= written + Self.maximumRepeated else {
            throw YAMLError(
                line: event.line,
                reason: "aliases repeat too much text, \(Self.maximumRepeated >> 20) MiB at most: write what is meant")
        }
    }

    private func check(depth: Int, _ event: YAMLEvents.Event) throws(YAMLError) {
        guard depth > Self.maximumDepth else { return }
        throw YAMLError(
            line: event.line, reason: "values are nested too deeply, \(Self.maximumDepth) levels at most")
    }

    private static func noName(_ event: YAMLEvents.Event) -> YAMLError {
        YAMLError(line: event.line, reason: "a name must be a text, not an alias, a list or an object")
    }
}
