package import JobModel

/// `reportLog`: lines of instances, at most `most` at a time.
package struct LogBatch: Hashable, Sendable {
    package struct Line: Hashable, Sendable {
        package var instance: Int64
        package var time: Int64
        package var level: Int64
        package var text: String

        package init(instance: Int64, time: Int64, level: Int64, text: String) {
            self.instance = instance
            self.time = time
            self.level = level
            self.text = text
        }
    }

    package static let most = 20

    package var address: String
    package var lines: [Line]

    package init(address: String, lines: [Line]) {
        self.address = address
        self.lines = lines
    }

    package var json: JSONValue {
        [
            "workerAddress": .string(address),
            "instanceLogContents": .array(
                lines.map { line in
                    [
                        "instanceId": .number(line.instance), "logTime": .number(line.time),
                        "logLevel": .number(line.level), "logContent": .string(line.text),
                    ]
                }),
        ]
    }
}
