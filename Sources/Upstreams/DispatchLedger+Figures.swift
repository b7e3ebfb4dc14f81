package import JobModel

/// What is going on.
extension DispatchLedger {
    /// Dispatches whose runs have not ended, by instance, without those that were silenced.
    package var open: [String: OpenDispatch] {
        runs.compactMapValues { run in
            guard let entry = entries[run], entry.endedAt == nil else { return nil }
            return OpenDispatch(dispatch: entry.dispatch, run: run, receivedAt: entry.receivedAt)
        }
    }

    /// The dispatch of an instance that is owed its end, whether its run has ended or not.
    package func owed(_ instance: String) -> OpenDispatch? {
        guard let run = runs[instance], let entry = entries[run] else { return nil }
        return OpenDispatch(dispatch: entry.dispatch, run: run, receivedAt: entry.receivedAt)
    }

    /// Everything that is owed its end, whether its run has ended or not.
    package var owed: [OpenDispatch] { runs.keys.compactMap { owed($0) } }

    /// For status: dispatches that have not ended, all whose end is owed, and for how long the oldest end waits.
    package func figures(now: Instant) -> (open: Int, owed: Int, lag: Duration?) {
        let ends = runs.values.compactMap { entries[$0]?.endedAt }
        return (runs.count - ends.count, runs.count, ends.min().map { max(.zero, now - $0) })
    }
}

/// A dispatch whose run has ended.
package struct EndedDispatch: Sendable {
    package var dispatch: Dispatch
    /// As it ended, with its output.
    package var run: RunRecord
    package var receivedAt: Instant
}

/// A dispatch and its run.
package struct OpenDispatch: Hashable, Sendable {
    package var dispatch: Dispatch
    package var run: RunID
    package var receivedAt: Instant
}
