package import JobModel

/// One ended attempt, with the evidence and the steps that ended it where there are any.
package struct AttemptView: JSONView {
    package let json: JSONValue

    package init(json: JSONValue) {
        self.json = json
    }

    /// `inputBytes`: of the params that its run has now; an edit may have come between.
    package init(_ attempt: AttemptRecord, inputBytes: Int) {
        let end = attempt.end
        json = .object(present: [
            "number": .number(attempt.number),
            "outcome": .string(end.outcome.word),
            "detail": .text(end.outcome.detail),
            "code": .number(end.code),
            "message": .text(end.message),
            "started_at": .instant(end.startedAt),
            "finished_at": .instant(end.finishedAt),
            "took": .string((end.finishedAt - end.startedAt).berthText),
            "cpu": .string(end.cpu.berthText),
            "peak_memory": end.peakMemory == 0 ? nil : .number(end.peakMemory),
            "input_bytes": .number(inputBytes),
            "output_bytes": .number(end.outputBytes),
            "host": .text(end.evidence?.host),
            "guest": end.guest == 0 ? nil : .number(end.guest),
            "retry_after": end.retryAfter.map { .string($0.berthText) },
            "evidence": end.evidence.map(Self.evidence),
            "metrics": end.metrics.isEmpty
                ? nil
                : .object(end.metrics.sorted { $0.key < $1.key }.map { JSONMember($0.key, .number($0.value)) }),
        ])
    }

    private static func evidence(_ evidence: Evidence) -> JSONValue {
        .object(present: [
            "signal": .text(evidence.signal),
            "exit_status": evidence.exitStatus.map { .number($0) },
            "breadcrumb": .text(evidence.breadcrumb),
            "limit": .text(evidence.limit),
            "ended_for": .text(evidence.reason),
            "refused": evidence.refused.map { .texts($0) },
            "steps": evidence.steps.isEmpty
                ? nil
                : .array(
                    evidence.steps.map { ["step": .string($0.kind.rawValue), "at": .string($0.at.rfc3339)] }),
        ])
    }

    package var number: Int64 { integer("number") ?? 0 }
    package var outcome: String { text("outcome") ?? "" }
    package var detail: String? { text("detail") }
    package var message: String? { text("message") }
    /// The host that made it; nil: this one.
    package var host: String? { text("host") }
    package var startedAt: Instant? { instant("started_at") }
    package var cpu: String { text("cpu") ?? "" }
    /// In bytes.
    package var peakMemory: Int64? { integer("peak_memory") }
    package var outputBytes: Int64 { integer("output_bytes") ?? 0 }
    package var finishedAt: Instant? { instant("finished_at") }
    /// By name.
    package var metrics: [(name: String, value: Int64)] {
        (json["metrics"]?.members ?? []).map { ($0.name, $0.value.integer ?? 0) }
    }
    package var took: String { text("took") ?? "" }
    package var guest: Int64? { integer("guest") }
    /// Why it was asked to end, and the limit it ran into.
    package var endedFor: String? { json["evidence"]?["ended_for"]?.string }
    package var limit: String? { json["evidence"]?["limit"]?.string }
    /// What was done to end it.
    package var steps: [(kind: String, at: Instant?)] {
        (json["evidence"]?["steps"]?.array ?? []).map { step in
            (step["step"]?.string ?? "", step["at"]?.string.flatMap(Instant.init(rfc3339:)))
        }
    }
}

/// A change of a run's state.
package struct TransitionView: JSONView {
    package let json: JSONValue

    package init(json: JSONValue) {
        self.json = json
    }

    package init(_ transition: TransitionRecord) {
        json = .object(present: [
            "at": .instant(transition.at),
            "from": transition.from.map { .string($0.word) },
            "to": .string(transition.to.word),
            "actor": .string(transition.actor),
            "reason": .text(transition.reason),
        ])
    }

    package var at: Instant? { instant("at") }
    package var from: String? { text("from") }
    package var to: String { text("to") ?? "" }
    package var actor: String { text("actor") ?? "" }
    package var reason: String? { text("reason") }
}
