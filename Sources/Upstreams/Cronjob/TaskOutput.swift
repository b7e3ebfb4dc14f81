import JobModel

/// The `output` of a report: a JSON text that the tasks after this one read.
package struct TaskOutput: Hashable, Sendable {
    package let text: String

    /// Texts of more bytes are cut.
    package static let most = 10_240
    /// Objects of more bytes are texts like any other: the server's column does not take them, and it would not say so.
    package static let mostOfObject = 60_000
    static let suffix = "... (truncated)"

    /// What prints a JSON object says what its output is. All else is wrapped in one: `{"message": …}`. Standard output
    /// that is `null` passes too, as it does in the original.
    package init(of printed: String, succeeded: Bool, exitCode: Int64 = 0, milliseconds: Int64 = 0) {
        let trimmed = printed.trimmed
        let fits = trimmed.utf8.count <= Self.mostOfObject
        if fits, trimmed == "null" || (trimmed.first == "{" && (try? JSONParser.parse(trimmed))?.members != nil) {
            text = trimmed
            return
        }
        let (message, isCut) = Self.message(printed, succeeded)
        text =
            JSONValue.object(present: [
                "duration_ms": milliseconds > 0 ? .number(milliseconds) : nil,
                "exit_code": exitCode != 0 ? .number(exitCode) : nil,
                "message": .string(message), "truncated": isCut ? true : nil,
            ]).text
    }

    private init(text: String) { self.text = text }

    /// At most 1,000 bytes, the least that a server's column has.
    package var brief: TaskOutput {
        var kept = 800
        while text.utf8.count > 1000, kept > 0 {
            let brief: JSONValue = ["message": .string(text.cut(toBytes: kept) + Self.suffix), "truncated": true]
            if brief.text.utf8.count <= 1000 { return TaskOutput(text: brief.text) }
            kept /= 2
        }
        return self
    }

    private static func message(_ printed: String, _ succeeded: Bool) -> (String, isCut: Bool) {
        guard !printed.isEmpty else { return (succeeded ? "执行成功" : "执行失败", false) }
        guard printed.utf8.count > most else { return (printed, false) }
        return (printed.cut(toBytes: most) + suffix, true)
    }
}

extension String {
    /// Without white space at its ends.
    var trimmed: String {
        let start = drop(while: \.isWhitespace)
        guard let last = start.lastIndex(where: { !$0.isWhitespace }) else { return "" }
        return String(start[...last])
    }

    /// At most so many bytes, ending with a whole character.
    func cut(toBytes most: Int) -> String {
        guard utf8.count > most else { return self }
        var end = utf8.index(startIndex, offsetBy: most)
        while end > startIndex, UTF8.isContinuation(utf8[end]) { end = utf8.index(before: end) }
        return String(self[..<end])
    }
}
