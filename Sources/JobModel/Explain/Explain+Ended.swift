// Why a run ended as it did.
extension RunFacts {
    var whyEnded: Explanation {
        let again = ["berth runs logs \(run.id)", "berth runs retry \(run.id)"]
        return switch run.state {
        case .succeeded: Explanation(success, commands: ["berth runs show \(run.id)"])
        case .failed: Explanation(failure, commands: again)
        case .cancelled: Explanation("It was cancelled\(byWhom).", commands: ["berth runs retry \(run.id)"])
        case .skipped: Explanation(["It was never run", run.reason].words, commands: triggering)
        case .expired: Explanation(["It was never run", run.reason].words, commands: ["berth runs retry \(run.id)"])
        case .pending, .running, .held: Explanation("It has not ended.")
        }
    }

    private var triggering: [String] { run.jobName.map { ["berth job trigger \($0)"] } ?? [] }

    private var success: String {
        guard let last = attempts.last else { return ["It succeeded", run.reason].words }
        let took = (last.end.finishedAt - last.end.startedAt).berthText
        let before = last.number > 1 ? "Attempt \(last.number)" : "Its first attempt"
        return "\(before) succeeded after \(took)."
    }

    private var failure: String {
        guard let last = attempts.last, isByAttempt(last) else {
            return ["It failed without an attempt", run.reason].words
        }
        switch last.end.outcome {
        case .failed(retryable: false):
            return ["Attempt \(last.number) failed for good (code \(last.end.code)), which no retry follows", message]
                .words
        case .failed(retryable: true), .timedOut:
            let count = run.policy.retry.attempts
            let all = count == 1 ? "The one attempt it had failed" : "All \(count) attempts it had failed"
            return [all, message].words
        case .crashed:
            let count = run.counters.crashes
            let times = count == 1 ? "once" : "\(count) times"
            return ["It took its guest down \(times), as often as its policy allows", message].words
        case .succeeded, .cancelled, .interrupted: return ["It failed", run.reason].words
        }
    }

    /// A later word of a person would have replaced it.
    private func isByAttempt(_ last: AttemptRecord) -> Bool {
        run.finishedAt.map { $0 <= last.end.finishedAt } ?? true
    }

    private var message: String? { attempts.last?.end.message ?? run.reason }

    private var byWhom: String {
        if let change = lastChange, change.to == .cancelled {
            // Most reasons begin with what was just said.
            let said = "cancelled by \(change.actor)"
            let reason = change.reason.map { $0.hasPrefix(said) ? String($0.dropFirst(said.count)) : ": \($0)" } ?? ""
            return " by \(change.actor) at \(change.at.rfc3339)\(reason)"
        }
        return run.reason.map { ": \($0)" } ?? ""
    }
}

extension [String?] {
    /// `What: why.`
    fileprivate var words: String { compactMap(\.self).joined(separator: ": ").asSentence }
}
