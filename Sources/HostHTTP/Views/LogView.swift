package import JobModel

/// A line that a run logged or printed.
package struct LogLineView: JSONView {
    package let json: JSONValue

    package init(json: JSONValue) {
        self.json = json
    }

    package init(_ line: LogLine) {
        json = [
            "at": .string(line.at.rfc3339), "attempt": .number(line.attempt), "stream": .string(line.stream.word),
            "level": .string(Self.levels[min(max(line.level, 0), 4)]), "text": .string(line.text),
        ]
    }

    private static let levels = ["trace", "debug", "info", "warning", "error"]

    package var at: Instant? { instant("at") }
    package var attempt: Int64 { integer("attempt") ?? 0 }
    package var stream: String { text("stream") ?? "" }
    package var level: String { text("level") ?? "" }
    package var line: String { text("text") ?? "" }
}

/// Lines and the position to go on from: {"lines": […], "next": position}.
package struct LogPageView: JSONView {
    package let json: JSONValue

    package init(json: JSONValue) {
        self.json = json
    }

    package init(_ lines: [LogLine], next: Int64) {
        json = ["lines": .array(lines.map { LogLineView($0).json }), "next": .number(next)]
    }

    package var lines: [LogLineView] { views("lines") }
    package var next: Int64 { integer("next") ?? 0 }
}

extension LogLine.Stream {
    var word: String {
        switch self {
        case .log: "log"
        case .stdout: "stdout"
        case .stderr: "stderr"
        case .guestStdout: "guest_stdout"
        case .guestStderr: "guest_stderr"
        }
    }
}
