package import JobEngine
package import JobModel
import Synchronization

/// What one upstream's server gave us and has not been told the end of.
///
/// Everything in it is stored before it is answered, so that the next host goes on where this one died: `recover` first,
/// then `take`. While the store fails, what has to be stored waits for it.
package actor DispatchLedger {
    package nonisolated let upstream: String

    let engine: JobEngine
    private let watch = EndWatch()
    private var early = EarlyEnds()
    /// Everything owed, and what was silenced and has not ended.
    private(set) var entries: [RunID: Entry] = [:]
    /// Without what was silenced.
    private(set) var runs: [String: RunID] = [:]
    /// Those whose rows are on their way out.
    private var settling: Set<RunID> = []
    /// Runs that ended, and the first of them as they were read: outputs can be large, so that they are read when somebody
    /// wants them.
    private var ended = EndQueue()
    private var read: [EndedDispatch] = []
    /// Something ended.
    private let wakes: AsyncStream<Void>
    private let wake: AsyncStream<Void>.Continuation
    private var isOver = false

    private static let mostRead = 200
    private static let mostBytesRead = 8 << 20

    struct Entry {
        var dispatch: Dispatch
        var receivedAt: Instant
        var isSilenced = false
        /// When its run ended, once that was heard.
        var endedAt: Instant?
    }

    /// Listens from now on; the engine need not run yet.
    package init(upstream: String, engine: JobEngine) {
        self.upstream = upstream
        self.engine = engine
        (wakes, wake) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
    }

    /// Takes up what an earlier host owed. Called once, before anything else. Throws when the host is stopping.
    package func recover() async throws(EngineError) {
        let announcements = engine.announcements(keepsAll: true) { [watch] announcement in watch.wants(announcement) }
        Task { await listen(announcements) }
        let owed = try await stored { engine throws(EngineError) in try await engine.owed(to: upstream) }
        for report in owed { add(report) }
        for report in owed {
            if let at = report.endedAt {
                noteEnd(report.run, at: at)
            } else if report.isSilenced {
                await stop(report.run)
            }
        }
    }

    /// Stores the run of this request, which is a dispatch of this upstream, with what is owed for it. The answer comes after
    /// the commit: acknowledge the server after it. An instance whose end is owed is answered with its run. Throws when
    /// nothing was stored.
    package func take(_ request: RunRequest) async throws(EngineError) -> Acceptance {
        let number = early.begin()
        watch.begin()
        defer {
            watch.end()
            early.end(number)
        }
        var answer = try await enqueue(request)
        if case .existing(let run) = answer, try await isOver(run.id) { answer = try await enqueue(request) }
        note(answer, of: request)
        return answer
    }

    private func enqueue(_ request: RunRequest) async throws(EngineError) -> Acceptance {
        guard let answer = try await engine.enqueue([request], actor: Dispatch.actor(of: upstream)).first else {
            throw .stopping
        }
        return answer
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
            if early.claim(run.id) || run.state.isEnd { noteEnd(run.id, at: run.finishedAt ?? .now) }
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
        if let run = hush(instance) { await silence(run, reason: reason) }
    }

    /// The first part of `silence`, which waits for nothing; `silence` of the run that this gives makes it last. `only`: where
    /// the instance is that run.
    package func hush(_ instance: String, only wanted: RunID? = nil) -> RunID? {
        guard let run = runs[instance], run == wanted ?? run else { return nil }
        runs[instance] = nil
        entries[run]?.isSilenced = true
        return run
    }

    /// Makes the silence of a run last over the host's death, and cancels the run.
    package func silence(_ run: RunID, reason: String? = nil) async {
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

    // MARK: Ends

    /// Each dispatch whose run has ended, once, and what was owed when the host started. A held run has not ended. Whoever
    /// reads this, and there is one, reports, and settles what the server has acknowledged. Ends with the engine.
    package nonisolated var ends: AsyncStream<EndedDispatch> { AsyncStream { await self.nextEnd() } }

    private func nextEnd() async -> EndedDispatch? {
        if let end = await takeEnd() { return end }
        for await _ in wakes {
            if let end = await takeEnd() { return end }
        }
        return await takeEnd()
    }

    /// The first of them, if there is one by now.
    package func takeEnd() async -> EndedDispatch? {
        while true {
            while !read.isEmpty {
                let end = read.removeFirst()
                if entries[end.run.id]?.isSilenced == false { return end }
            }
            guard !ended.isEmpty, await readEnded() else { return nil }
        }
    }

    /// Whether something of these dispatches that has ended is owed, heard of or not.
    package func owesEnds(of areMeant: @Sendable (Dispatch) -> Bool = { _ in true }) async -> Bool {
        let owed = try? await engine.owed(to: upstream)
        return owed?.contains { $0.endedAt != nil && !$0.isSilenced && areMeant($0.dispatch) } ?? false
    }

    private func listen(_ announcements: AsyncStream<Announcement>) async {
        for await case .run(let run, _, _, let at) in announcements {
            if entries[run] == nil { early.hear(run) } else { noteEnd(run, at: at) }
        }
        isOver = true
        wake.finish()
    }

    private func noteEnd(_ run: RunID, at: Instant) {
        guard let entry = entries[run], entry.endedAt == nil || ended.isReading(run) else { return }
        entries[run]?.endedAt = at
        // Of what was silenced nothing is to be told.
        guard !entry.isSilenced else { return drop([run]) }
        ended.add(run)
        wake.yield()
    }

    /// Reads some of the runs that ended. False: the host is stopping.
    private func readEnded() async -> Bool {
        let some = ended.begin(Self.mostRead)
        guard
            let (records, looked) = try? await stored({ engine throws(EngineError) in
                try await engine.runs(some, bytes: Self.mostBytesRead)
            })
        else { return false }
        let current = ended.end(some, looked: looked)
        for record in records {
            guard current.contains(record.id), let entry = entries[record.id] else { continue }
            // Somebody may have begun it anew.
            entries[record.id]?.endedAt = record.state.isEnd ? record.finishedAt ?? record.createdAt : nil
            guard record.state.isEnd else { continue }
            read.append(EndedDispatch(dispatch: entry.dispatch, run: record, receivedAt: entry.receivedAt))
        }
        // Of runs that are gone nothing can be told.
        drop(current.subtracting(records.map(\.id)))
        return true
    }

    private func drop(_ runs: Set<RunID>) {
        guard !runs.isEmpty else { return }
        Task { await settle(Array(runs)) }
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
    }

    /// Cancels a run that was silenced; one that has ended already is settled.
    private func stop(_ run: RunID, reason: String? = nil) async {
        let actor = Dispatch.actor(of: upstream)
        do throws(EngineError) {
            _ = try await stored { engine throws(EngineError) in
                try await engine.cancel(run, actor: actor, reason: reason)
            }
        } catch {
            if case .stopping = error { return }
            // It ended by itself: the announcement may have come before the silence.
            if (try? await engine.runs([run]))?.first?.state.isEnd != false { await settle([run]) }
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
