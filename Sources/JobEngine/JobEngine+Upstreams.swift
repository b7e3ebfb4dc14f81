package import JobModel
import JobStore
package import PluginCatalog

/// What servers that dispatch runs to us are owed. A dispatch is owed its end from the commit that stores its run until the
/// server has acknowledged that end; reports are made from what is owed and the record of the run. Every answer comes after
/// its commit, and all of this works until the very end of a host that is stopping.
extension JobEngine {
    /// In the order they came, those of runs that have ended included.
    package func owed(to upstream: String) async throws(EngineError) -> [OwedReport] {
        try await read { store throws(StoreError) in try await store.owed(to: upstream) }
    }

    /// How much is owed to each upstream, those without settings included.
    package func owed() async throws(EngineError) -> [String: Int] {
        try await read { store throws(StoreError) in try await store.owed() }
    }

    /// The servers have acknowledged the ends of these runs, or nobody wants them: nothing is owed for them any more.
    package func settle(_ runs: [RunID]) async throws(EngineError) {
        if !runs.isEmpty { _ = try await asked(.settle(runs)) }
    }

    /// The server told us to stop: nothing more is ever reported of the run, and the same instance would be a new start.
    /// The run goes on until it is cancelled; what is owed for it stays, silenced, until it is settled.
    package func silence(_ run: RunID) async throws(EngineError) {
        _ = try await asked(.silence(run))
    }

    /// Replaces the note of a run's dispatch, if anything is owed for it.
    package func amend(_ run: RunID, note: [UInt8]) async throws(EngineError) {
        _ = try await asked(.amend(run, note: note))
    }

    /// The children that a run which is a part of another host's family made: that host's to make, once it hears of the end.
    package func handedOn(by run: RunID) async throws(EngineError) -> [ChildOrder] {
        try await read { store throws(StoreError) in try await store.handedOn(by: run) }
    }

    /// As they are stored, with their outputs, in the order asked for; those that are not there are left out.
    package func runs(_ ids: [RunID]) async throws(EngineError) -> [RunRecord] {
        try await read { store throws(StoreError) in try await store.runs(ids) }
    }

    /// The same, until they have so many bytes of params and outputs. `looked` says how many ids that are.
    package func runs(
        _ ids: [RunID], bytes most: Int
    ) async throws(EngineError) -> (runs: [RunRecord], looked: Int) {
        try await read { store throws(StoreError) in try await store.runs(ids, bytes: most) }
    }

    /// What can be run. A host that has just started looks at its plugins first.
    package func components() async -> Dictionary<ComponentName, CatalogComponent>.Keys {
        let now = await catalog
        if now.isComplete { return now.components.keys }
        await takeUpPlugins()
        return await catalog.components.keys
    }

    /// Starts nothing more, takes no more runs, and returns when everything that was started has come to its end or was
    /// told to: what the end of a host begins with. Reports go on until `run` is told to end.
    package func drain() async {
        thread.inbox.post(.drain)
        await thread.drained.value
    }
}

extension RunRequest {
    /// What is wrong with the dispatch it comes from.
    var dispatchComplaint: EngineError? {
        guard let dispatch else { return nil }
        if dispatch.instance.isEmpty || dispatch.instance.utf8.contains(0) || dispatch.instance.utf8.count > 200 {
            return .invalid(
                field: "instance", value: dispatch.instance, reason: "must have 1 to 200 bytes, and no NUL among them")
        }
        guard let uniqueKey else { return nil }
        return .invalid(
            field: "unique", value: uniqueKey, reason: "cannot be had with a dispatch, whose instance is the key")
    }
}
