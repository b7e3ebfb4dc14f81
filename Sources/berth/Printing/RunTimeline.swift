import HostHTTP
import JobModel

/// All that happened to a run, in the order of time: every change of its state, with who made it and why, and each step
/// of ending an attempt.
struct RunTimeline {
    private var entries: [(at: Instant, what: String)] = []
    private let start: Instant?

    init(_ run: RunView) {
        start = run.createdAt
        for attempt in run.attempts { add(attempt) }
        for change in run.transitions {
            let why = change.reason.map { ": \($0)" } ?? ""
            add(change.at, "\(change.from ?? "new") -> \(change.to) by \(change.actor)\(why)")
        }
        entries.sort { $0.at < $1.at }
    }

    var isEmpty: Bool { entries.isEmpty }

    var table: Table {
        var table = Table([.init("AT"), .init("AFTER", .right), .init("WHAT")])
        for entry in entries {
            let after = start.map { max(.zero, entry.at - $0).berthText }
            table.add([entry.at.rfc3339, after, entry.what])
        }
        return table
    }

    private mutating func add(_ attempt: AttemptView) {
        let name = "attempt \(attempt.number)"
        for step in attempt.steps { add(step.at, "\(name) " + Self.words(step.kind, for: attempt)) }
    }

    private mutating func add(_ time: Instant?, _ what: String) {
        if let time { entries.append((time, what)) }
    }

    private static func words(_ kind: String, for attempt: AttemptView) -> String {
        switch EndingStep.Kind(rawValue: kind) {
        case .asked:
            "asked to end: "
                + [attempt.endedFor?.replacing("_", with: " "), attempt.limit].compactMap(\.self).joined(
                    separator: ", ")
        case .lastCall: "told for the last time"
        case .terminated: "sent SIGTERM"
        case .killed: "sent SIGKILL"
        case .reaped: "gone"
        case .unkillable: "still there after SIGKILL"
        case nil: kind
        }
    }
}
