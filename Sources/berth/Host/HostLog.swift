import Foundation
import HostHTTP
import JobModel
import Logging

/// The host's own log, on stderr: lines for people, or a JSON object a line for machines.
struct HostLog: LogHandler {
    var logLevel: Logger.Level
    var metadata: Logger.Metadata = [:]
    private let label: String
    private let format: Settings.LogFormat

    init(label: String, level: Logger.Level, format: Settings.LogFormat) {
        self.label = label
        self.format = format
        logLevel = level
    }

    static func logger(_ settings: Settings, label: String = "berth") -> Logger {
        Logger(label: label) { HostLog(label: $0, level: settings.logLevel, format: settings.logFormat) }
    }

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
        let all = metadata.merging(event.metadata ?? [:]) { $1 }.sorted { $0.key < $1.key }
        let line =
            switch format {
            case .text: text(event.level, "\(event.message)", all)
            case .json: json(event.level, "\(event.message)", all)
            }
        // Whoever read the log may have gone; the host goes on.
        try? FileHandle.standardError.write(contentsOf: Data((line + "\n").utf8))
    }

    private func text(
        _ level: Logger.Level, _ message: String, _ metadata: [(key: String, value: Logger.MetadataValue)]
    ) -> String {
        let facts = metadata.map { " \($0.key)=\($0.value)" }.joined()
        return Terminal.plain("\(SystemClock.now.rfc3339) \(level.rawValue) \(message)\(facts)")
    }

    private func json(
        _ level: Logger.Level, _ message: String, _ metadata: [(key: String, value: Logger.MetadataValue)]
    ) -> String {
        let head: [JSONMember] = [
            JSONMember("at", .string(SystemClock.now.rfc3339)), JSONMember("level", .string(level.rawValue)),
            JSONMember("logger", .string(label)), JSONMember("message", .string(message)),
        ]
        return JSONValue.object(head + metadata.map { JSONMember($0.key, .string("\($0.value)")) }).text
    }
}
