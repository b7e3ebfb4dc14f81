import HostHTTP
import JobModel
import Upstreams

extension Secret {
    /// `{env: NAME}` or `{file: PATH}`. What is wrong is said without the value, which may be the secret itself.
    init(_ json: JSONValue, path: String, environment: [String: String]) throws(FieldError) {
        guard let members = json.members, members.count == 1, let source = members.first,
            let place = source.value.string, ["env", "file"].contains(source.name)
        else { throw FieldError(path: path, value: nil, reason: "must be {env: NAME} or {file: PATH}") }
        self.init(
            source.name == "env" ? try Self.variable(place, path, environment) : try Self.file(place, path))
    }

    private static func variable(
        _ name: String, _ path: String, _ environment: [String: String]
    ) throws(FieldError) -> String {
        guard let value = environment[name], !value.isEmpty else {
            throw FieldError(path: path, value: nil, reason: "names the variable \(name), which is not set")
        }
        return value
    }

    private static func file(_ name: String, _ path: String) throws(FieldError) -> String {
        let file = AbsolutePath.of(name)
        guard let bytes = TextFile.bytes(file) else {
            throw FieldError(path: path, value: nil, reason: "names the file \(file), which cannot be read")
        }
        // Editors end a file with a newline that is no part of the secret: LF, or CR and LF, which are one character.
        let text = String(decoding: bytes, as: UTF8.self)
        return text.last?.isNewline == true ? String(text.dropLast()) : text
    }
}
