import HostHTTP
import JobModel

extension JobFile {
    /// Jobs as a file of jobs that reads back as the same jobs, a line for each of their fields.
    static func text(of jobs: [JSONValue]) throws -> String {
        let lines = jobs.flatMap { job in
            (job.members ?? []).enumerated().map { index, member in
                (index == 0 ? "  - " : "    ") + "\(member.name): \(flow(member.value))"
            }
        }
        let text = jobs.isEmpty ? "jobs: []\n" : "jobs:\n" + lines.map { $0 + "\n" }.joined()
        // A file that says something else would be found out when it is needed.
        guard try Self.jobs(in: text) == jobs.map({ try JobDefinition(json: $0) }) else {
            throw Failure(.unavailable, "The jobs cannot be written as YAML; `berth export --json` prints them.")
        }
        return text
    }

    /// On one line; quoted unless it is a plain word.
    private static func flow(_ value: JSONValue) -> String {
        switch value {
        case .string(let text): isPlain(text) ? text : value.text
        case .array(let values): "[" + values.map(flow).joined(separator: ", ") + "]"
        case .object(let members):
            "{" + members.map { "\(flow(.string($0.name))): \(flow($0.value))" }.joined(separator: ", ") + "}"
        case .null, .bool, .number: value.text
        }
    }

    private static func isPlain(_ text: String) -> Bool {
        let words = ["true", "false", "null", "yes", "no", "on", "off", "y", "n"]
        guard let first = text.utf8.first, UInt8(ascii: "a")...UInt8(ascii: "z") ~= first else { return false }
        return !words.contains(text)
            && text.utf8.allSatisfy { byte in
                switch byte {
                case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "/"),
                    UInt8(ascii: "-"), UInt8(ascii: "_"), UInt8(ascii: "."):
                    true
                default: false
                }
            }
    }
}
