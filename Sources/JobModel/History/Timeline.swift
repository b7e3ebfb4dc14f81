/// Every change of a run's state, in order, with who made it and why. Changes that attempts make are told by the
/// attempts, and its making by the run itself: the store keeps rows for the others alone, because these are two or three
/// for every run.
package func timeline(
    of run: RunRecord, attempts: [AttemptRecord], transitions: [TransitionRecord]
) -> [TransitionRecord] {
    Timeline(run: run, attempts: attempts, transitions: transitions).entries
}

private struct Timeline {
    let run: RunRecord
    let attempts: [AttemptRecord]
    let transitions: [TransitionRecord]

    var entries: [TransitionRecord] {
        var entries = [beginning]
        for (index, attempt) in attempts.enumerated() {
            entries.append(start(attempt.number, in: attempt.end.guest, at: attempt.end.startedAt))
            let next = attempts.indices.contains(index + 1) ? attempts[index + 1].end.startedAt : nil
            if let end = end(of: attempt, before: next) { entries.append(end) }
        }
        if run.state == .running, let at = run.startedAt { entries.append(start(run.counters.starts, in: 0, at: at)) }
        entries += transitions
        // Stable: what is told for the same instant stays in the order of the reasons above.
        let sorted = entries.enumerated().sorted { ($0.element.at, $0.offset) < ($1.element.at, $1.offset) }
        return sorted.map(\.element) + ending(after: sorted.last?.element)
    }

    private var beginning: TransitionRecord {
        let hasChanged = !attempts.isEmpty || transitions.contains { $0.from != $0.to }
        let wasBornEnded = !hasChanged && run.state.isEnd && run.finishedAt == run.createdAt
        let reason: String? =
            switch run.source {
            case .schedule: run.fireAt.map { "planned for \($0.rfc3339)" }
            case .child: run.parent.map { "emitted by run \($0)" }
            case .trigger: run.jobName.map { "job \($0) was triggered" }
            case .followUp: run.cause.map { "run \($0) ended" }
            case .step: run.parent.map { "before run \($0)" } ?? run.cause.map { "after run \($0)" }
            case .enqueue, .upstream: nil
            }
        return entry(
            run.createdAt, nil, wasBornEnded ? run.state : .pending, by: maker, wasBornEnded ? run.reason : reason)
    }

    private var maker: String {
        if let actor = run.actor { return actor }
        return switch run.source {
        case .schedule: "schedule"
        case .upstream: "upstream"
        case .enqueue, .trigger: "api"
        case .child, .followUp, .step: "host"
        }
    }

    private func start(_ number: Int32, in guest: Int32, at instant: Instant) -> TransitionRecord {
        let place = guest == 0 ? "" : " in guest \(guest)"
        return entry(instant, .pending, .running, by: "host", "attempt \(number)\(place)")
    }

    /// Nil where a row tells it.
    private func end(of attempt: AttemptRecord, before next: Instant?) -> TransitionRecord? {
        let end = attempt.end
        let row = transitions.first { $0.at >= end.finishedAt && (next.map { [at = $0.at] in at < $0 } ?? true) }
        if row?.from == .running { return nil }
        let isLast = next == nil && run.state != .running
        let state = row?.from ?? (isLast ? run.state : .pending)
        let word = end.outcome.word.replacing("_", with: " ")
        return entry(
            end.finishedAt, .running, state, by: "host", [word, end.message].compactMap(\.self).joined(separator: ": "))
    }

    /// A run that ended together with its parent has no row of its own for it.
    private func ending(after last: TransitionRecord?) -> [TransitionRecord] {
        guard run.state.isEnd, let last, last.to != run.state else { return [] }
        return [entry(run.finishedAt ?? last.at, last.to, run.state, by: "host", run.reason)]
    }

    private func entry(
        _ at: Instant, _ from: RunState?, _ to: RunState, by actor: String, _ reason: String?
    ) -> TransitionRecord {
        TransitionRecord(run: run.id, at: at, from: from, to: to, actor: actor, reason: reason)
    }
}

extension String {
    /// Foundation has no place here.
    fileprivate func replacing(_ one: Character, with other: Character) -> String {
        String(map { $0 == one ? other : $0 })
    }
}
