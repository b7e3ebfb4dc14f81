package import JobModel
import Logging
import PluginCatalog

/// What people have done about plugins. Each returns when it is in force for the catalog and on disk.
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

    /// Uses the version before the active one until another file comes, or somebody releases the one that is left.
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
