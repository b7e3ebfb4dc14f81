package import JobModel

/// What people, and the engine, have done about plugins. Each returns when it is in force and on disk, so that the next
/// host goes on with it.
extension PluginCatalog {
    /// Starts none of its components any more. Its runs wait.
    package func disable(_ plugin: String, by actor: String, reason: String?) async throws(PluginRefusal) {
        try await carryOut(.disable(plugin, Ruling(by: actor, reason: reason, at: .now)))
    }

    package func enable(_ plugin: String) async throws(PluginRefusal) {
        try await carryOut(.enable(plugin))
    }

    /// Uses the version before the active one. What is left, by its digest, is not used until somebody releases it; a file
    /// of other content is used at once. With `from`, only while that digest is active.
    package func goBack(
        _ plugin: String, from digest: String? = nil, by actor: String, reason: String?
    ) async throws(PluginRefusal) {
        try await carryOut(.goBack(plugin, from: digest, Ruling(by: actor, reason: reason, at: .now)))
    }

    /// Lets versions that were set aside be used again, if files hold them. For the name of a file that its probe rejected: probes
    /// it again.
    package func release(_ name: String) async throws(PluginRefusal) {
        try await carryOut(.release(name))
    }

    /// Puts a digest on the list of what may be used.
    package func allow(_ digest: String, by actor: String) async throws(PluginRefusal) {
        try await carryOut(.allow(digest, Ruling(by: actor, at: .now)))
    }

    /// Takes a digest off the list again.
    package func forbid(_ digest: String) async throws(PluginRefusal) {
        try await carryOut(.forbid(digest))
    }

    private func carryOut(_ order: CatalogOrder) async throws(PluginRefusal) {
        if let refusal = await orders.wait({ inbox.put([.order(order, $0)]) }) { throw refusal }
    }
}
