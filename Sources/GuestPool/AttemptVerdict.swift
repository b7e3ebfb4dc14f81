import JobModel

/// Turns what is known at the end of an attempt into the one value the engine judges.
extension Attempt {
    /// The guest said that it is over.
    func end(
        _ done: GuestFrame.Done, children: [ChildOrder], guest: Int32, peak: Int64, now: Moment, breadcrumb: String?
    ) -> AttemptEnd {
        let started = clamp(done.startedNanoseconds, from: sentAt, to: now.monotonic, else: startedAt ?? sentAt)
        let finished = clamp(done.finishedNanoseconds, from: started, to: now.monotonic, else: now.monotonic)
        let outcome = outcome(of: done.code)
        var end = AttemptEnd(
            outcome: outcome, code: done.code, message: message(done, outcome, after: finished - started),
            output: output, startedAt: now.instant(at: started), finishedAt: now.instant(at: finished), guest: guest,
            cpu: .nanoseconds(Int64(clamping: min(done.cpuNanoseconds, UInt64(Int64.max / 4)))),
            peakMemory: peak, printed: printed,
            children: done.code == 0 ? children : [])
        end.metrics = metrics
        if done.retryAfterMilliseconds > 0 { end.retryAfter = .milliseconds(Int64(done.retryAfterMilliseconds)) }
        if let ladder {
            end.evidence = Evidence(
                breadcrumb: breadcrumb, limit: limit(ladder.reason)?.words, reason: ladder.reason.rawValue,
                steps: ladder.steps)
        } else if let hit = hit ?? refused {
            end.evidence = Evidence(limit: hit.words)
        }
        return end.hiding(order.secrets)
    }

    /// The guest died or was killed while it ran. `cause` is what to say when nobody had asked it to end.
    func end(
        _ cause: AttemptCause, verdict: CrashVerdict?, guest: Int32,
        used: (cpu: Duration, peak: Int64), now: Moment, breadcrumb: String?, place: String?
    ) -> AttemptEnd {
        let started = startedAt ?? sentAt
        var evidence = Evidence(
            signal: verdict?.signal, exitStatus: verdict?.exitStatus, breadcrumb: breadcrumb,
            limit: cause.hit?.words, steps: ladder?.steps ?? [])
        var outcome = cause.outcome
        var message = cause.message
        if let ladder {
            evidence.limit = limit(ladder.reason)?.words
            evidence.reason = ladder.reason.rawValue
            outcome = ladder.reason.outcome
            message = "\(why(ladder.reason)), \(lastStep(ladder)) after \(Self.brief(now.monotonic - started))"
        }
        if let place { message += " in \(place)" }
        if let breadcrumb { message += ", last breadcrumb \"\(breadcrumb)\"" }
        return AttemptEnd(
            outcome: outcome, message: message, output: output, startedAt: now.instant(at: started),
            finishedAt: now.instant, guest: guest, cpu: used.cpu, peakMemory: used.peak,
            evidence: evidence, printed: printed
        ).hiding(order.secrets)
    }

    /// What it says after SIGTERM makes it no success: what it waited for may have ended of the same signal.
    private func outcome(of code: Int32) -> Outcome {
        if let ladder, code != 0 || ladder.hasTerminated { return ladder.reason.outcome }
        if code == 0 { return .succeeded }
        switch code {
        case 1...99: return .failed(retryable: true)
        case 201: return .timedOut
        case 200...249: return .cancelled
        default: return .failed(retryable: false)
        }
    }

    private func message(_ done: GuestFrame.Done, _ outcome: Outcome, after time: Int64) -> String? {
        guard outcome != .succeeded else { return nil }
        if let ladder {
            let asked = ladder.hasTerminated ? "asked and terminated" : "asked"
            let text = "\(why(ladder.reason)), stopped when \(asked) after \(Self.brief(time))"
            return done.error.isEmpty ? text : "\(text): \(done.error)"
        }
        let said = done.error.isEmpty ? Self.words(for: done.code) : done.error
        if let hit { return "\(said), at its \(hit.phrase)" }
        return refused.map { "\(said); its \($0.name) limit is \($0.value)" } ?? said
    }

    private static func words(for code: Int32) -> String {
        (1...249).contains(code) ? "returned \(code)" : "returned \(code), which is not a code an attempt may return"
    }

    private func why(_ reason: EndReason) -> String {
        switch reason {
        case .stall: "no sign of life for \(order.stall?.brief ?? "too long")"
        case .timeout: "limit \(limit?.brief ?? "passed")"
        case .cpu: limit(reason)?.phrase ?? "too much processor time"
        case .cancel: "cancelled"
        case .parentCancelled: "its parent was cancelled"
        case .shutdown: "host shut down"
        case .reload: "its plugin was replaced"
        }
    }

    private func lastStep(_ ladder: Ladder) -> String {
        if ladder.steps.contains(where: { $0.kind == .killed }) { return "asked, killed" }
        if ladder.steps.contains(where: { $0.kind == .terminated }) { return "asked, terminated" }
        return "asked, guest ended"
    }

    private func limit(_ reason: EndReason) -> LimitHit? {
        switch reason {
        case .timeout: limit.map { .wallTime($0) }
        case .stall: order.stall.map { .stall($0) }
        case .cpu: order.cpuLimit.map { .cpu($0) }
        case .cancel, .parentCancelled, .shutdown, .reload: nil
        }
    }

    /// A guest's time, held between what the host saw itself.
    private func clamp(_ time: UInt64, from lower: Int64, to upper: Int64, else other: Int64) -> Int64 {
        time == 0 ? other : max(lower, min(upper, Int64(clamping: time)))
    }

    private static func brief(_ nanoseconds: Int64) -> String {
        Duration.nanoseconds(nanoseconds).brief
    }
}

extension AttemptEnd {
    /// With what was said about it free of secrets.
    fileprivate func hiding(_ secrets: SecretTexts) -> AttemptEnd {
        guard !secrets.isEmpty else { return self }
        var end = self
        end.message = message.map(secrets.hidden)
        end.evidence?.breadcrumb = evidence?.breadcrumb.map(secrets.hidden)
        return end
    }
}

/// Why an attempt ended with its guest, when nobody had asked it to end.
struct AttemptCause {
    let outcome: Outcome
    let message: String
    /// The limit that it was.
    let hit: LimitHit?

    init(_ outcome: Outcome, _ message: String, _ hit: LimitHit? = nil) {
        self.outcome = outcome
        self.message = message
        self.hit = hit
    }
}

extension EndReason {
    var outcome: Outcome {
        switch self {
        case .cancel, .parentCancelled: .cancelled
        case .timeout, .stall, .cpu: .timedOut
        case .shutdown: .interrupted(.shutdown)
        case .reload: .interrupted(.replaced)
        }
    }
}
