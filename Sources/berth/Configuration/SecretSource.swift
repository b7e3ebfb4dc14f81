import HostHTTP
import JobModel

/// Where a secret is, as the configuration has it everywhere: `{env: NAME}` or `{file: PATH}`, or as one text `env:NAME`
/// or `file:PATH`. What is wrong is said without the value, which may be the secret itself.
enum SecretSource {
    case variable(String)
    case file(String)

    init(_ json: JSONValue, path: String) throws(FieldError) {
        guard let (kind, place) = Self.parts(json), let source = Self(kind, place) else {
            throw FieldError(path: path, value: nil, reason: "must be {env: NAME} or {file: PATH}")
        }
        self = source
    }

    private init?(_ kind: String, _ place: String) {
        switch kind {
        case "env": self = .variable(place)
        case "file": self = .file(place)
        default: return nil
        }
    }

    private static func parts(_ json: JSONValue) -> (kind: String, place: String)? {
        if let members = json.members {
            guard members.count == 1, let only = members.first, let place = only.value.string else { return nil }
            return (only.name, place)
        }
        guard let text = json.string, let colon = text.firstIndex(of: ":") else { return nil }
        return (String(text[..<colon]), String(text[text.index(after: colon)...]))
    }

    /// The secret. Editors end a file with a newline that is no part of it: LF, or CR and LF.
    func bytes(path: String, in surroundings: Surroundings) throws(FieldError) -> [UInt8] {
        switch self {
        case .variable(let name):
            guard let value = surroundings.environment[name], !value.isEmpty else {
                throw FieldError(path: path, value: nil, reason: "names the variable \(name), which is not set")
            }
            return Array(value.utf8)
        case .file(let name):
            let file = surroundings.path(name)
            guard var bytes = TextFile.bytes(file) else {
                throw FieldError(path: path, value: nil, reason: "names the file \(file), which cannot be read")
            }
            if bytes.last == UInt8(ascii: "\n") {
                bytes.removeLast()
                if bytes.last == UInt8(ascii: "\r") { bytes.removeLast() }
            }
            return [UInt8](bytes)
        }
    }
}
