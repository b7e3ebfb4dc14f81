import JobEngine
package import JobModel

/// Attempts that go on in a version of a plugin which is not in use any more.
package struct LeavingAttempts: Hashable, Sendable {
    package var version: String
    package var digest: String
    package var count: Int
    /// When those that are still at work are asked to end; nil: they may go on as long as their own limits allow.
    package var until: Instant?

    package init(version: String, digest: String, count: Int, until: Instant?) {
        self.version = version
        self.digest = digest
        self.count = count
        self.until = until
    }

    /// In the versions of a plugin that are kept, from old to new.
    static func all(of standing: PluginStanding?, _ engine: JobEngine) async -> [LeavingAttempts] {
        guard let standing else { return [] }
        let (progress, now) = (await engine.progress(), SystemClock.now)
        return standing.lineage.generations.compactMap { generation in
            let own = progress.filter { $0.isLeaving && $0.digest == generation.digest }
            guard !own.isEmpty else { return nil }
            return LeavingAttempts(
                version: generation.version, digest: generation.digest, count: own.count,
                until: own.compactMap(\.timeLeft).min().map { now + $0 })
        }
    }
}
