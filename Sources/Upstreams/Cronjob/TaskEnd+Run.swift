package import JobModel

/// What a run that has ended is to the server.
package enum RunVerdict: Hashable, Sendable {
    case ended(TaskEnd)
    /// The component would not have it: it never began its work.
    case refused(String)
}

extension RunVerdict {
    /// `log`: what the run printed.
    package init(of run: RunRecord, note: TaskNote, log: String) {
        if case .failed = run.outcome, Self.refusals.contains(run.code), !note.isTimedOut {
            self = .refused(run.reason ?? "refused with code \(run.code)")
            return
        }
        let printed = Printed(run)
        let status = note.isTimedOut ? .timeout : Self.status(run)
        let spent = run.startedAt.flatMap { start in run.finishedAt.map { $0 - start } } ?? .zero
        let milliseconds = spent.microseconds / 1000
        let error = status == .success ? "" : run.reason ?? ""
        self = .ended(
            TaskEnd(
                status: status,
                output: TaskOutput(
                    of: printed.text, succeeded: status == .success, exitCode: printed.exitCode,
                    milliseconds: milliseconds),
                log: Self.log(log, error), error: error, milliseconds: milliseconds, exitCode: printed.exitCode,
                at: run.finishedAt ?? run.createdAt))
    }

    /// Params and settings that a plugin would not have, by their codes in `berth_plugin.h`.
    private static let refusals: Set<Int32> = [101, 103]

    /// `failed` is a bad end of its own, `error` is ours.
    private static func status(_ run: RunRecord) -> TaskEnd.Status {
        guard run.state != .succeeded else { return .success }
        return switch run.outcome {
        case .timedOut: .timeout
        case .failed: .failed
        case .succeeded, .crashed, .interrupted, .cancelled, nil: run.state == .cancelled ? .stopped : .error
        }
    }

    private static func log(_ log: String, _ error: String) -> String {
        guard !error.isEmpty, !log.isEmpty else { return log + error }
        return log + "\n\n-------\n\n" + error
    }
}

/// The part of a run's output that the server's runner would have had.
private struct Printed {
    var text: String
    var exitCode: Int64

    init(_ run: RunRecord) {
        let json = (try? JSONParser.parse(run.output)) ?? .null
        switch run.component.plugin {
        case "command", "script":
            text = json["stdout"]?.string ?? ""
            exitCode = json["exit_code"]?.integer ?? (json["signal"] == nil ? 0 : -1)
        case "http":
            text = json["body"]?.string ?? ""
            exitCode = json["status"]?.integer ?? 0
        default:
            text = json.string ?? String(decoding: run.output, as: UTF8.self)
            exitCode = json["exit_code"]?.integer ?? 0
        }
    }
}
