package import JobEngine
package import JobModel
import Synchronization

/// What one upstream's server gave us and has not been told the end of.
///
/// Everything in it is stored before it is answered, so that the next host goes on where this one died: `recover` first,
/// then `take`. While the store fails, what has to be stored waits for it.
package actor DispatchLedger {
    package nonisolated let upstream: String
    /// Each dispatch whose run has ended, once, and what was owed when the host started. A held run has not ended. Whoever
    /// reads this reports, and settles what the server has acknowledged. Ends with the engine.
    package nonisolated let ends: AsyncStream<EndedDispatch>

    let engine: JobEngine
    private let endsInput: AsyncStream<EndedDispatch>.Continuation
    private let watch = EndWatch()
    private var early = EarlyEnds()
    /// Everything owed, and what was silenced and has not ended.
    private var entries: [RunID: Entry] = [:]
    /// Without what was silenced.
    private var runs: [String: RunID] = [:]
    /// Those whose rows are on their way out.
    private var settling: Set<RunID> = []
    private var ended: [RunID] = []
    private var isReading = false
    private var isOver = false
    /// Told whenever an end was noted or settled.
    private var watchers: [AsyncStream<Void>.Continuation] = []

    private struct Entry {
        var dispatch: Dispatch
        var receivedAt: Instant
        var isSilenced = false
        /// When its run ended, once that was told.
        var endedAt: Instant?
    }

    /// Listens from now on; the engine need not run yet.
    package init(upstream: String, engine: JobEngine) {
        self.upstream = upstream
        self.engine = engine
        (ends, endsInput) = AsyncStream.makeStream(of: EndedDispatch.self)
    }

    /// Takes up what an earlier host owed. Called once, before anything else. Throws when the host is stopping.
    package func recover() async throws(EngineError) {
        let announcements = engine.announcements(keepsAll: true) { [watch] announcement in watch.wants(announcement) }
        Task { await listen(announcements) }
        let owed = try await stored { engine throws(EngineError) in try await engine.owed(to: upstream) }
        for report in owed { add(report) }
        ended += owed.map(\.run)
        await readEnded()
        for report in owed where report.isSilenced && entries[report.run] != nil { await stop(report.run) }
    }

    /// Stores the runs of these requests, which are dispatches of this upstream, with what is owed for them. One answer
    /// for each, in order, after the commit: acknowledge the server after it. An instance whose end is owed is answered
    /// with its run. Throws when nothing was stored.
    package func take(_ requests: [RunRequest]) async throws(EngineError) -> [Acceptance] {
        let number = early.begin()
        watch.begin()
        defer {
            watch.end()
            early.end(number)
        }
        let actor = Dispatch.actor(of: upstream)
        var answers = try await engine.enqueue(requests, actor: actor)
        for (index, answer) in answers.enumerated() {
            guard case .existing(let run) = answer, try await isOver(run.id) else { continue }
            answers[index] = try await engine.enqueue([requests[index]], actor: actor).first ?? answer
        }
        for (request, answer) in zip(requests, answers) { note(answer, of: request) }
        return answers
    }

    /// Whether what is owed for a run was on its way out when its instance came again: it is out then.
    private func isOver(_ run: RunID) async throws(EngineError) -> Bool {
        guard let entry = entries[run] else { return true }
        if entry.isSilenced {
            try await engine.silence(run)
        } else if settling.contains(run) {
            try await engine.settle([run])
        } else {
            return false
        }
        return true
    }

    private func note(_ answer: Acceptance, of request: RunRequest) {
        guard let dispatch = request.dispatch else { return }
        switch answer {
        case .created(let run), .existing(let run), .replaced(let run):
            guard entries[run.id] == nil else { return }
            add(OwedReport(dispatch: dispatch, run: run.id, receivedAt: run.createdAt))
            if early.claim(run.id) || run.state.isEnd { noteEnd(run.id) }
        case .refused: break
        }
    }

    /// The server has acknowledged the ends of these runs, or nobody wants them.
    package func settle(_ runs: [RunID]) async {
        let known = runs.filter { entries[$0] != nil }
        guard !known.isEmpty else { return }
        settling.formUnion(known)
        defer { settling.subtract(known) }
        // When the host is stopping for good, the next one reports them again.
        guard (try? await stored { engine throws(EngineError) in try await engine.settle(known) }) != nil else {
            return
        }
        for run in known { remove(run) }
    }

    /// The server told us to stop: nothing more is reported of the instance, and its run is cancelled. The same instance
    /// may be taken anew at once. An instance that is not known is none of our business.
    package func silence(_ instance: String, reason: String? = nil) async {
        guard let run = runs.removeValue(forKey: instance) else { return }
        entries[run]?.isSilenced = true
        guard (try? await stored { engine throws(EngineError) in try await engine.silence(run) }) != nil else { return }
        await stop(run, reason: reason)
    }

    /// Cancels the run of an instance, whose end is reported. False when there is none, or it has ended. `atOnce`: without
    /// time to come to an end of its own.
    package func cancel(
        _ instance: String, reason: String? = nil, atOnce: Bool = false
    ) async throws(EngineError) -> Bool {
        guard let run = runs[instance], entries[run]?.endedAt == nil else { return false }
        do {
            let actor = Dispatch.actor(of: upstream)
            if atOnce {
                _ = try await engine.kill(run, actor: actor, reason: reason)
            } else {
                _ = try await engine.cancel(run, actor: actor, reason: reason)
            }
            return true
        } catch EngineError.wrongState {
            return false
        }
    }

    /// Replaces the note of an instance, durably; an unknown instance is left alone.
    package func amend(_ instance: String, note: [UInt8]) async throws(EngineError) {
        guard let run = runs[instance] else { return }
        entries[run]?.dispatch.note = note
        try await engine.amend(run, note: note)
    }

    // MARK: What is going on

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

    /// For status: dispatches that have not ended, all whose end is owed, and for how long the oldest end waits.
    package func figures(now: Instant) -> (open: Int, owed: Int, lag: Duration?) {
        let ends = runs.values.compactMap { entries[$0]?.endedAt }
        return (runs.count - ends.count, runs.count, ends.min().map { max(.zero, now - $0) })
    }

    /// Everything that is owed its end, whether its run has ended or not.
    package var owed: [OpenDispatch] { runs.keys.compactMap { owed($0) } }

    /// Returns when no run that has ended by now is owed its end, or the caller is cancelled.
    package func whenEndsAreSettled() async {
        let (changes, input) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
        watchers.append(input)
        // Some may have ended whose announcements are still on their way.
        ended += entries.keys.filter { entries[$0]?.endedAt == nil }
        await readEnded()
        input.yield()
        for await _ in changes where !isReading && entries.values.allSatisfy({ $0.endedAt == nil }) { return }
    }

    // MARK: Ends

    private func listen(_ announcements: AsyncStream<Announcement>) async {
        for await case .run(let run, _, _, _) in announcements {
            if entries[run] == nil { early.hear(run) } else { noteEnd(run) }
        }
        await readEnded()
        isOver = true
        endsInput.finish()
    }

    private func noteEnd(_ run: RunID) {
        ended.append(run)
        guard !isReading else { return }
        Task { await readEnded() }
    }

    /// Reads the runs that ended, many at a time, and tells of them.
    private func readEnded() async {
        guard !isReading else { return }
        isReading = true
        defer {
            isReading = false
            for watcher in watchers { watcher.yield() }
        }
        while !ended.isEmpty {
            let some = Array(ended.prefix(200))
            ended.removeFirst(some.count)
            guard let records = try? await stored({ engine throws(EngineError) in try await engine.runs(some) }) else {
                return
            }
            await tell(records, of: some)
        }
    }

    private func tell(_ records: [RunRecord], of asked: [RunID]) async {
        var over = Set(asked).subtracting(records.map(\.id))
        for record in records where record.state.isEnd {
            guard let entry = entries[record.id] else { continue }
            if entry.isSilenced {
                over.insert(record.id)
            } else if entry.endedAt == nil {
                entries[record.id]?.endedAt = record.finishedAt ?? record.createdAt
                endsInput.yield(EndedDispatch(dispatch: entry.dispatch, run: record, receivedAt: entry.receivedAt))
            }
        }
        // Of runs that are gone nothing can be told, of those that were silenced nothing is to be told.
        if !over.isEmpty { await settle(Array(over)) }
    }

    // MARK: Entries

    private func add(_ report: OwedReport) {
        entries[report.run] = Entry(
            dispatch: report.dispatch, receivedAt: report.receivedAt, isSilenced: report.isSilenced)
        if !report.isSilenced { runs[report.dispatch.instance] = report.run }
        watch.add(report.run)
    }

    private func remove(_ run: RunID) {
        guard let entry = entries.removeValue(forKey: run) else { return }
        if runs[entry.dispatch.instance] == run { runs[entry.dispatch.instance] = nil }
        watch.remove(run)
        for watcher in watchers { watcher.yield() }
    }

    /// Cancels a run that was silenced; one that has ended already is settled.
    private func stop(_ run: RunID, reason: String? = nil) async {
        let actor = Dispatch.actor(of: upstream)
        do throws(EngineError) {
            _ = try await stored { engine throws(EngineError) in
                try await engine.cancel(run, actor: actor, reason: reason)
            }
        } catch {
            // It ended by itself: the announcement may have come before the silence.
            if case .stopping = error { return }
            noteEnd(run)
        }
    }

    /// What works as soon as the store does.
    private func stored<Value: Sendable>(
        _ deed: (JobEngine) async throws(EngineError) -> Value
    ) async throws(EngineError) -> Value {
        while true {
            do throws(EngineError) {
                return try await deed(engine)
            } catch {
                guard case .store(let failure) = error, failure != .closed, !isOver, !Task.isCancelled else {
                    throw error
                }
                try? await Task.sleep(for: .milliseconds(200))
            }
        }
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
