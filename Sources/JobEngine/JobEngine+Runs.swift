package import GuestPool
package import JobModel
import JobStore
import PluginCatalog

extension JobEngine {
    /// A pending or held run ends at once; a running one is asked to stop and ends when its attempt does.
    package func cancel(_ id: RunID, actor: String, reason: String?) async throws(EngineError) -> RunRecord {
        let by = By(actor: actor, reason: reason)
        let wanted = "pending, running or held"
        switch try await asked(.cancel(id, by)) {
        case .notHot:
            let record = try await run(id)
            guard !record.state.isEnd else { throw .wrongState(id, record.state, wanted: wanted) }
            return try await settled(id, try await asked(.close(record, by)), wanted: wanted)
        case let reply: return try await settled(id, reply, wanted: wanted)
        }
    }

    /// The same, and one that was asked to stop, by this or before it, is given no more time for it.
    package func kill(_ id: RunID, actor: String, reason: String?) async throws(EngineError) -> RunRecord {
        let record = try await cancel(id, actor: actor, reason: reason)
        pool.hurry(id)
        return record
    }

    /// Gives a held run, or one that ended other than well, another go, with its failures and crashes forgotten.
    /// `after`: how much later than now it is due.
    package func retry(
        _ id: RunID, after delay: Duration = .zero, actor: String, reason: String? = nil
    ) async throws(EngineError) -> RunRecord {
        let record = try await run(id, for: .reopen)
        try await checkParent(of: record)
        let reply = try await asked(.reopen(record, By(actor: actor, reason: reason), after: delay))
        return try await settled(id, reply, wanted: RunMove.reopen.fromWords)
    }

    /// A parent that has gone on would never hear of what comes of another go.
    private func checkParent(of record: RunRecord) async throws(EngineError) {
        guard record.state.isEnd, let id = record.parent else { return }
        if record.source == .step {
            throw .invalid(
                field: "run", value: "\(record.id)", reason: "it is a step before run \(id); retry that one")
        }
        let parent = try await run(id)
        guard parent.openChildren == 0 || parent.state != .pending else { return }
        throw .invalid(
            field: "run", value: "\(record.id)", reason: "its parent, run \(id), has gone on without it; retry that one"
        )
    }

    /// The run, in a state that the move leaves.
    func run(_ id: RunID, for move: RunMove) async throws(EngineError) -> RunRecord {
        let record = try await run(id)
        guard move.from.contains(record.state) else {
            throw .wrongState(id, record.state, wanted: move.fromWords)
        }
        return record
    }

    func settled(_ id: RunID, _ reply: Reply, wanted: String) async throws(EngineError) -> RunRecord {
        let record = try await run(id)
        guard case .done = reply else { throw .wrongState(id, record.state, wanted: wanted) }
        return record
    }

    package func run(_ id: RunID) async throws(EngineError) -> RunRecord {
        guard let record = try await read({ store throws(StoreError) in try await store.run(id) }) else {
            throw .runNotFound(id)
        }
        return record
    }

    package func lastRun() async throws(EngineError) -> RunRecord {
        guard let newest = try await runs(RunFilter(limit: 1)).first else { throw .noRuns }
        return try await run(newest.id)
    }

    /// Reads a filter. Components may be meant by their ids alone: those that can be run, and those that once could.
    package func filter(_ text: String, now: Instant) async throws -> RunFilter {
        guard text.contains("component:") else { return try RunFilter(text: text, now: now) }
        let once = try await read { store throws(StoreError) in try await store.componentNames() }
        return try RunFilter(text: text, now: now, components: Array(await catalog.components.keys) + once)
    }

    package func runs(_ filter: RunFilter) async throws(EngineError) -> [RunRecord] {
        try await read { store throws(StoreError) in try await store.runs(filter) }
    }

    /// The newest run with each unique key, ended ones too; keys without a run are left out.
    package func runs(withKeys keys: [String]) async throws(EngineError) -> [String: RunID] {
        try await read { store throws(StoreError) in try await store.runs(withKeys: keys) }
    }

    /// The runs that were made to go before and after a run, in the order they were made.
    package func steps(of run: RunID) async throws(EngineError) -> [RunRecord] {
        try await read { store throws(StoreError) in try await store.steps(of: run) }
    }

    package func childCounts(of run: RunID) async throws(EngineError) -> ChildCounts {
        try await read { store throws(StoreError) in try await store.childCounts(of: run) }
    }

    package func attempts(of run: RunID) async throws(EngineError) -> [AttemptRecord] {
        try await read { store throws(StoreError) in try await store.attempts(of: run) }
    }

    package func transitions(of run: RunID) async throws(EngineError) -> [TransitionRecord] {
        try await read { store throws(StoreError) in try await store.transitions(of: run) }
    }

    /// Returns when the run has ended or is held, or the host stops, with the run as it is then. A cancelled task gets
    /// the run as it is.
    package func waitForEnd(of run: RunID) async throws(EngineError) -> RunRecord {
        // Listening begins before the read: what is committed after the read is heard.
        let rests = thread.announcer.rests(of: run)
        var record = try await self.run(run)
        guard !record.rests else { return record }
        for await _ in rests {
            record = try await self.run(run)
            if record.rests { return record }
        }
        return record
    }

    package func progress() async -> [AttemptProgress] {
        await pool.progress()
    }

    /// A reply that is no failure.
    func asked(_ call: Call) async throws(EngineError) -> Reply {
        let reply = await ask(call)
        if case .failed(let error) = reply { throw error }
        return reply
    }
}

extension RunRecord {
    var rests: Bool { state.isEnd || state == .held }
}
