package import JobModel
import Logging
package import PluginCatalog

extension JobEngine {
    /// What attempts are started by: a run that is enqueued after this was read runs by it, or by what has come since.
    /// New files, and what people have done about plugins, are in it when the engine does as they say and no sooner.
    /// Waits until the engine has read the store.
    package var catalog: CatalogSnapshot {
        get async {
            _ = await thread.ready.value
            return thread.catalog.current
        }
    }

    /// Waits until every file that was in the plugins folder at the start has been judged, and `catalog` holds what
    /// has been judged by now; no longer than the engine or the catalog works.
    package func takeUpPlugins() async {
        await plugins.firstScan()
        await takeUp(plugins.snapshot)
    }

    /// Waits until the engine goes by this snapshot or a later one. Before it does, guests of new versions are loaded, for
    /// which the pool gives them a few seconds at most. One that ends starts nothing any more: that is as good.
    private func takeUp(_ snapshot: CatalogSnapshot) async {
        for await taken in thread.catalog.stream() where taken.number >= snapshot.number { return }
    }
}

/// What people have done about plugins. Each returns when it is on disk and the engine does so: what is enqueued from then
/// on runs, or waits, by it.
extension JobEngine {
    /// Starts none of its components until it is enabled; running attempts go on, pending runs wait.
    package func disablePlugin(_ id: String, actor: String, reason: String?) async throws(EngineError) {
        try await order { catalog throws(PluginRefusal) in
            try await catalog.disable(id, by: actor, reason: reason)
        }
    }

    package func enablePlugin(_ id: String) async throws(EngineError) {
        try await order { catalog throws(PluginRefusal) in try await catalog.enable(id) }
    }

    /// Uses the version before the active one. What is left is not used until somebody releases it; a file of other content
    /// is used at once.
    package func rollBackPlugin(_ id: String, actor: String, reason: String?) async throws(EngineError) {
        try await order { catalog throws(PluginRefusal) in
            try await catalog.goBack(id, by: actor, reason: reason ?? "rolled back")
        }
    }

    /// Crashes in a row, quarantines among them.
    package func crashStreaks() async throws(EngineError) -> [StreakRecord] {
        guard case .streaks(let records) = try await asked(.streaks) else { throw .stopping }
        return records
    }

    /// Lets a plugin, given by id or by the name of its file, try again at once what it was kept from.
    package func releasePlugin(_ id: String) async throws(EngineError) {
        _ = try await asked(.release(plugin: id))
        try await order { catalog throws(PluginRefusal) in try await catalog.release(id) }
    }

    /// Puts a digest on the list of what may be used.
    package func allowPlugin(_ digest: String, actor: String) async throws(EngineError) {
        try await order { catalog throws(PluginRefusal) in try await catalog.allow(digest, by: actor) }
    }

    package func forbidPlugin(_ digest: String) async throws(EngineError) {
        try await order { catalog throws(PluginRefusal) in try await catalog.forbid(digest) }
    }

    /// Which plugins may be used: the mode's word, and the digests the configuration lists.
    package var pluginPolicy: (mode: String, configured: [String]) {
        (plugins.policy.mode.rawValue, plugins.policy.allowed.sorted())
    }

    /// Why no run of a component starts now, in words; nil: nothing is known that keeps them.
    package func obstacle(of component: ComponentName) async throws(EngineError) -> String? {
        guard case .obstacle(let words) = try await asked(.obstacle(component)) else { throw .stopping }
        return words
    }

    private func order(
        _ body: (PluginCatalog) async throws(PluginRefusal) -> Void
    ) async throws(EngineError) {
        do throws(PluginRefusal) {
            try await body(plugins)
        } catch {
            throw .plugin(error)
        }
        await takeUp(plugins.snapshot)
    }
}

extension PluginCatalog {
    /// A version failed: the one before is used again, if that version is still the active one.
    func withdraw(_ withdrawal: Withdrawal, logger: Logger) {
        Task {
            do throws(PluginRefusal) {
                try await goBack(
                    withdrawal.plugin, from: withdrawal.digest, by: "host", reason: withdrawal.reason)
            } catch {
                logger.warning(
                    "a version that crashes stays in use",
                    metadata: ["plugin": "\(withdrawal.plugin)", "reason": "\(error)"])
            }
        }
    }
}
