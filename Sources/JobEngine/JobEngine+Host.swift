import GuestPool
package import JobModel
import JobStore
import PluginCatalog

extension JobEngine {
    /// With what is secret in the params of their steps masked.
    package func queues() async throws(EngineError) -> [QueueStatus] {
        try await queues(.queues)
    }

    /// Creates a queue that does not exist.
    package func setQueue(
        _ name: String, _ change: QueueChange, actor: String
    ) async throws(EngineError) -> QueueStatus {
        guard let status = try await queues(.changeQueue(name, change)).first else { throw .stopping }
        return status
    }

    /// How many attempts of a component may run at once, in all queues together; nil: any number.
    package func setLimit(of component: ComponentName, atOnce: Int?, actor: String) async throws(EngineError) {
        _ = try await asked(.setLimit(component, atOnce: atOnce))
    }

    /// The components that have such a limit.
    package func limits() async throws(EngineError) -> [ComponentName: Int] {
        guard case .limits(let limits) = try await asked(.limits) else { throw .stopping }
        return limits
    }

    private func queues(_ call: Call) async throws(EngineError) -> [QueueStatus] {
        guard case .queues(let outlooks) = try await asked(call) else { throw .stopping }
        var statuses: [QueueStatus] = []
        let masks = plugins.snapshot.masks
        for outlook in outlooks.sorted(by: { $0.queue.name < $1.queue.name }) {
            let name = outlook.queue.name
            let now = WallClock.now
            let oldest = try await read { store throws(StoreError) in
                try await store.oldestPending(queue: name, at: now)
            }
            let pending = try await read { store throws(StoreError) in
                try await store.pendingCount(queue: name, atMost: 1_000_000)
            }
            statuses.append(
                QueueStatus(
                    queue: outlook.queue.masked(by: masks), width: outlook.width, running: outlook.running,
                    pending: pending,
                    oldest: oldest.map(masked)))
        }
        return statuses
    }

    package func queueNames() async throws(EngineError) -> Set<String> {
        guard case .queues(let outlooks) = try await asked(.queues) else { throw .stopping }
        return Set(outlooks.map(\.queue.name))
    }

    /// The run as people may see it: with what is secret in its params masked.
    package func masked(_ run: RunRecord) -> RunRecord {
        let masks = plugins.snapshot.masks
        var run = run
        run.policy = run.policy.masked(by: masks)
        if let mask = masks[run.component] { run.params = mask.masked(run.params) }
        return run
    }

    /// What holds for a plugin by the operator's word, or without it.
    package func operatorSettings(of plugin: PluginDescriptor) -> OperatorSettings {
        let surroundings = thread.surroundings
        let settings = surroundings.plugins[plugin.id] ?? surroundings.otherPlugins
        let refusals = plugin.components.compactMap { component in
            ComponentName(plugin: plugin.id, component: component.id).flatMap {
                GrantRefusal(
                    $0, flags: component.flags, granted: settings.grants, settingsFile: surroundings.settingsFile)
            }
        }
        return OperatorSettings(
            isConfigured: settings.configuration != "{}", secrets: settings.secrets.map(\.name),
            grants: settings.grants.words, sandbox: settings.sandbox.words,
            guests: settings.keeping.words, refusals: refusals.map { "\($0)" })
    }

    /// What this machine cannot give to the sandbox of a plugin, in words. A guest that loads nothing is asked, once.
    package func sandboxGaps(of plugin: PluginDescriptor) async -> [String] {
        let settings = thread.surroundings.plugins[plugin.id] ?? thread.surroundings.otherPlugins
        let asked = plugin.components.reduce(into: Grants()) { $0.formUnion(Grants(askedBy: $1.flags)) }
        return await trials.gaps(settings.sandbox, grants: settings.grants.intersection(asked))
    }

    /// Nil when all is well. Asks the engine alone, so that it is heard while the store fails.
    package func trouble() async throws(EngineError) -> (trouble: Trouble?, schedules: ScheduleActivity) {
        guard case .figures(let figures) = try await asked(.figures) else { throw .stopping }
        return (figures.trouble, figures.schedules)
    }

    /// While the store fails, what cannot be read of it is left out.
    package func status() async throws(EngineError) -> EngineStatus {
        guard case .figures(let figures) = try await asked(.figures) else { throw .stopping }
        var counts: [RunState: Int] = [:]
        var facts = StoreFacts.unknown
        var all = RunFigures()
        do {
            counts = try await read { store throws(StoreError) in try await store.counts() }
            facts = try await read { store throws(StoreError) in try await store.facts() }
            for figures in try await componentFigures().values { all.add(figures) }
        } catch {
            guard case .store = figures.trouble else { throw error }
        }
        return EngineStatus(
            startedAt: createdAt, now: WallClock.now, counts: counts, attempts: figures.attempts,
            crashes: figures.crashes, accepted: figures.accepted, startLatency: figures.startLatency, store: facts,
            figures: all, trouble: figures.trouble, schedules: figures.schedules)
    }

    /// What has become of all runs of each component that had any.
    package func componentFigures() async throws(EngineError) -> [ComponentName: RunFigures] {
        try await read { store throws(StoreError) in try await store.componentFigures() }
    }

    /// What happens from now on, after it was committed. A reader that falls behind by more than 1,000 gets the newest.
    /// `wants` is asked on the engine's thread: it must be quick. One who `keepsAll` is never left out, and must read on.
    package func announcements(
        keepsAll: Bool = false, where wants: @escaping @Sendable (Announcement) -> Bool = { _ in true }
    ) -> AsyncStream<Announcement> {
        thread.announcer.announcements(keepsAll: keepsAll, where: wants)
    }
}

/// What the operator says about a plugin, as far as everybody may know it.
package struct OperatorSettings: Hashable, Sendable {
    package var isConfigured: Bool
    /// Names alone.
    package var secrets: [String]
    package var grants: [String]
    /// The profile, and what differs from it.
    package var sandbox: String
    /// How long its guests are kept, and how many.
    package var guests: String
    /// Which components cannot run for want of a grant, with the remedy.
    package var refusals: [String]
}
