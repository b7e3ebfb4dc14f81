/// The words in the params of a step or a follow-up that stand for facts about the run it belongs to, such as
/// `${run.id}`. A text that is nothing but one such word becomes the fact itself, a number where it is one; elsewhere its
/// text takes the word's place. Facts that the run does not have are null, or nothing. What is in its params and its
/// output is for its own plugin, and is none of them.
package struct RunWords {
    private let facts: [(word: String, value: JSONValue)]

    package static let all = ["id", "component", "job", "queue", "state", "reason"].map { "${run.\($0)}" }

    /// `state` and `reason` are how the run is, or is about to be.
    package init(of run: RunRecord, state: RunState, reason: String?) {
        let values: [JSONValue] = [
            .number(run.id), .string(run.component.description), run.jobName.map(JSONValue.string) ?? .null,
            .string(run.queue), .string(state.word), reason.map(JSONValue.string) ?? .null,
        ]
        facts = Array(zip(Self.all, values))
    }

    /// Of a run that could be.
    package static func sample(of component: ComponentName) -> RunWords {
        let run = RunRecord(
            id: 1, component: component, queue: "default", jobName: "job", due: .distantPast, createdAt: .distantPast,
            params: [])
        return RunWords(of: run, state: .succeeded, reason: "reason")
    }

    /// JSON text of an object; one that is none stays as it is.
    package func filled(_ text: String) -> [UInt8] {
        guard text.contains("${run."), let value = try? JSONParser.parse(text) else { return Array(text.utf8) }
        return filled(value).bytes
    }

    private func filled(_ value: JSONValue) -> JSONValue {
        switch value {
        case .string(let text): filled(inText: text)
        case .array(let values): .array(values.map(filled))
        case .object(let members): .object(members.map { JSONMember($0.name, filled($0.value)) })
        case .null, .bool, .number: value
        }
    }

    private func filled(inText text: String) -> JSONValue {
        if let whole = facts.first(where: { $0.word == text }) { return whole.value }
        var result = ""
        var rest = Substring(text)
        while let start = rest.firstIndex(of: "$") {
            result += rest[..<start]
            rest = rest[start...]
            if let fact = facts.first(where: { rest.hasPrefix($0.word) }) {
                result += fact.value.asWord
                rest = rest.dropFirst(fact.word.count)
            } else {
                result.append(rest.removeFirst())
            }
        }
        return .string(result + rest)
    }
}

extension JSONValue {
    fileprivate var asWord: String { self == .null ? "" : string ?? text }
}
