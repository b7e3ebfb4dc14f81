import HostHTTP
import JobModel
import Yams

/// YAML read as the JSON it stands for, with the line of every field, so that one set of rules reads requests and files
/// and an error can say where it is.
struct YAMLDocument {
    private(set) var json: JSONValue = .null
    /// Line by path, such as `jobs[2].retry`.
    private var lines: [String: Int] = [:]
    /// What the paths of all values come to.
    private var pathBytes = 0
    /// Texts and numbers as written, in order.
    private var scalars: [(path: String, text: String)] = []

    private static let maximumPathBytes = 32 << 20

    /// All documents of a text.
    static func read(_ text: String) throws(YAMLError) -> [YAMLDocument] {
        do {
            _ = try YAMLMeasure(of: text)
            var roots = try compose_all(yaml: text)
            var documents: [YAMLDocument] = []
            while let root = roots.next() { documents.append(try YAMLDocument(root)) }
            // The sequence ends at a mistake, and keeps it.
            if let error = roots.error { throw error }
            return documents
        } catch let error as YAMLError {
            throw error
        } catch let error as YamlError {
            throw YAMLError(error, in: text)
        } catch {
            throw YAMLError(line: nil, reason: "\(error)")
        }
    }

    private init(_ root: Node) throws {
        json = try convert(root, path: "")
    }

    /// The line of a path, or of the nearest thing around it that has one.
    func line(of path: String) -> Int? {
        var path = Substring(path)
        while true {
            if let line = lines[String(path)] { return line }
            guard let end = path.lastIndex(where: { $0 == "." || $0 == "[" }) else { return lines[""] }
            path = path[..<end]
        }
    }

    /// The line of the first text that is written like this, within the value at a path.
    func line(ofValue text: String, within path: String) -> Int? {
        let place = scalars.first { scalar in
            guard scalar.text == text, scalar.path.hasPrefix(path) else { return false }
            let rest = scalar.path.dropFirst(path.count)
            return path.isEmpty || rest.isEmpty || rest.first == "." || rest.first == "["
        }
        return place.flatMap { lines[$0.path] }
    }

    /// The line of the first field of this name that is written like this.
    func line(ofValue text: String, field: String) -> Int? {
        let place = scalars.first { $0.text == text && ($0.path == field || $0.path.hasSuffix(".\(field)")) }
        return place.flatMap { lines[$0.path] }
    }

    private mutating func convert(_ node: Node, path: String) throws -> JSONValue {
        let line = node.mark?.line
        if lines[path] == nil { lines[path] = line }
        pathBytes += path.utf8.count
        guard pathBytes <= Self.maximumPathBytes else {
            throw YAMLError(line: line, reason: "the names around so many values are too long: split the file")
        }
        switch node {
        case .scalar(let scalar):
            scalars.append((path, scalar.string))
            return Self.value(scalar, tag: Resolver.default.resolveTag(of: node))
        case .sequence(let sequence):
            return .array(
                try sequence.enumerated().map { try convert($0.element, path: "\(path)[\($0.offset)]") })
        case .mapping(let mapping): return try convert(mapping, path: path)
        case .alias: throw YAMLError(line: line, reason: "this alias has no anchor")
        }
    }

    private mutating func convert(_ mapping: Node.Mapping, path: String) throws -> JSONValue {
        .object(
            try mapping.map { key, value in
                guard let name = key.scalar?.string else {
                    throw YAMLError(line: key.mark?.line, reason: "a name must be a text")
                }
                let place = path.isEmpty ? name : "\(path).\(name)"
                lines[place] = key.mark?.line
                return JSONMember(name, try convert(value, path: place))
            })
    }

    /// Plain scalars as YAML 1.2 has them: `yes` and `12:30` are texts.
    private static func value(_ scalar: Node.Scalar, tag: Tag.Name) -> JSONValue {
        switch tag {
        case .null: .null
        case .bool where ["true", "false"].contains(scalar.string.lowercased()):
            .bool(scalar.string.lowercased() == "true")
        case .int, .float:
            if let number = try? JSONParser.parse(scalar.string) {
                number
            } else if !scalar.string.contains(":"), let integer = Node.scalar(scalar).int {
                .number(integer)
            } else {
                .string(scalar.string)
            }
        default: .string(scalar.string)
        }
    }
}

/// Why a text is not the YAML it should be, and where.
struct YAMLError: Error, Hashable {
    var line: Int?
    var reason: String
    /// What else is wrong, in the order of the file.
    private(set) var others: [YAMLError] = []

    init(line: Int?, reason: String) {
        self.line = line
        self.reason = reason
    }

    /// Nil where there are none.
    init?(all errors: [YAMLError]) {
        guard let first = errors.first else { return nil }
        self = first
        others = Array(errors.dropFirst())
    }

    /// The reason for where there is one line only.
    var summary: String {
        others.isEmpty
            ? reason
            : "\(reason) (and \(others.count) more in \(others.count == 1 ? "line" : "lines") "
                + "\(others.compactMap(\.line).map(String.init).joined(separator: ", ")))"
    }

    init(_ error: YamlError, in text: String) {
        switch error {
        case .scanner(_, let problem, let mark, _), .parser(_, let problem, let mark, _),
            .composer(_, let problem, let mark, _):
            // The parser's words name a function that nobody here can call.
            let isTooDeep = problem.hasPrefix("Maximum nesting level")
            self.init(line: mark.line, reason: isTooDeep ? "values are nested too deeply" : problem)
        case .duplicatedKeysInMapping(let duplicates, let context):
            self.init(duplicate: duplicates.first ?? "", since: context.mark, in: text)
        case .reader(let problem, _, _, _): self.init(line: nil, reason: problem)
        default: self.init(line: nil, reason: "this is not YAML")
        }
    }

    /// The parser knows where the mapping begins; what has to be changed is the line of the second name.
    private init(duplicate name: String, since mark: Mark, in text: String) {
        let lines = text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline)
        let spellings = [name, "\"\(name)\"", "'\(name)'"]
        let indent = max(0, mark.column - 1)
        let places = lines.indices.dropFirst(max(0, mark.line - 1)).filter { index in
            guard index == mark.line - 1 || lines[index].prefix(indent).allSatisfy({ $0 == " " }) else { return false }
            let rest = lines[index].dropFirst(indent)
            return spellings.contains { rest == "\($0):" || rest.hasPrefix("\($0): ") }
        }
        guard places.count > 1 else {
            self.init(line: mark.line, reason: "the name \"\(name)\" comes twice: merge the two")
            return
        }
        self.init(
            line: places[1] + 1,
            reason: "the name \"\(name)\" comes twice, first in line \(places[0] + 1): merge the two")
    }

    /// `FILE:LINE: reason`, as compilers write it.
    func failure(file: String) -> Failure {
        let lines = ([self] + others).map { error in
            error.line.map { "\(file):\($0): \(error.reason)" } ?? "\(file): \(error.reason)"
        }
        return Failure(.usage, lines.joined(separator: "\n"))
    }
}
