package import GuestPool
package import JobModel
package import JobStore
package import Logging
package import PluginCatalog
import ServiceLifecycle

/// Accepts runs, schedules jobs, dispatches to guests, decides what follows, and tells who waits.
/// Every method may be called from any task; each answer comes after the commit it speaks of.
///
/// Calls made before `run` wait until it has read the store; calls made after it has returned are refused.
package final class JobEngine: Service, Sendable {
    package struct Configuration: Sendable {
        /// Slots of the queue `default` when it is first made, and of every queue nobody gave a number.
        package var slots: Int
        /// How long shutdown lets running attempts go on.
        package var drain: Duration
        /// Whether schedules fire to begin with.
        package var schedules: ScheduleActivity
        /// By the id of the plugin.
        package var plugins: [String: PluginSettings]
        /// What holds for all others.
        package var otherPlugins: PluginSettings
        /// How long runs are kept whose job does not say.
        package var history: HistoryPolicy
        /// The file in which the operator says such things; nil: on a command line.
        package var settingsFile: String?
        /// In force before the first call is answered. What it leaves open stays as it was set.
        package var queues: [(name: String, change: QueueChange)]

        package init(
            slots: Int, drain: Duration = .seconds(30), schedules: ScheduleActivity = .running,
            plugins: [String: PluginSettings] = [:], otherPlugins: PluginSettings = PluginSettings(),
            history: HistoryPolicy = .standard, settingsFile: String? = nil,
            queues: [(name: String, change: QueueChange)] = []
        ) {
            self.queues = queues
            self.plugins = plugins
            self.history = history
            self.otherPlugins = otherPlugins
            self.settingsFile = settingsFile
            self.slots = slots
            self.drain = drain
            self.schedules = schedules
        }
    }

    let store: JobStore
    let pool: GuestPool
    let plugins: PluginCatalog
    let thread: EngineThread
    let trials: SandboxTrials
    let createdAt = WallClock.now
    let history: HistoryPolicy
    private let logger: Logger
    /// What sources say and the host does not do.
    package let refused = RefusedDefinitions()

    package init(
        store: JobStore, pool: GuestPool, catalog: PluginCatalog, configuration: Configuration, logger: Logger
    ) {
        self.store = store
        self.pool = pool
        plugins = catalog
        history = configuration.history
        self.logger = logger
        trials = SandboxTrials(pool: pool)
        let zones = ZoneFiles()
        thread = EngineThread(
            store: store, pool: pool,
            surroundings: Surroundings(
                intern: { [pool] in pool.intern($0) }, zones: { zones.rules($0) }, slots: configuration.slots,
                drain: configuration.drain, plugins: configuration.plugins, otherPlugins: configuration.otherPlugins,
                settingsFile: configuration.settingsFile, queues: configuration.queues,
                schedules: configuration.schedules),
            withdraw: { [catalog] in catalog.withdraw($0, logger: logger) }, logger: logger)
    }

    /// Rescues what an earlier host left running, then works until graceful shutdown or cancellation; drains and
    /// returns. Called once, best after the catalog's first scan, so that rescue knows what may be repeated. Stopping
    /// the pool and closing the store, in this order, is left to the caller. Throws `EngineError.store` when the store
    /// cannot be read.
    package func run() async throws {
        listenToPool()
        thread.start(catalog: plugins.snapshot)
        if let error = await thread.ready.value { throw error }
        await withTaskGroup { group in
            group.addTask { [self] in await followCatalog() }
            group.addTask { [self] in await HistoryKeeper(engine: self, logger: logger).run() }
            await withTaskCancellationOrGracefulShutdownHandler {
                await thread.stopped.value
            } onCancelOrGracefulShutdown: { [inbox = thread.inbox] in
                inbox.post(.shutdown)
            }
            group.cancelAll()
        }
    }

    /// A version takes over when its guests are loaded: until then attempts go to the one before.
    private func followCatalog() async {
        var last = CatalogSnapshot()
        for await snapshot in plugins.snapshots() {
            await pool.prepare(snapshot.successions(after: last))
            thread.inbox.post(.catalog(snapshot))
            last = snapshot
        }
    }

    /// Lines go straight to the store; what the pool says of attempts goes to the engine's thread.
    private func listenToPool() {
        pool.deliver { [store, announcer = thread.announcer, inbox = thread.inbox] events in
            let lines = events.compactMap { event in if case .log(let line) = event { line } else { nil } }
            if !lines.isEmpty {
                store.append(lines)
                announcer.tellLines(of: lines)
            }
            if lines.count < events.count { inbox.post(.guests(events)) }
        }
    }

    func ask(_ call: Call) async -> Reply {
        await thread.inbox.ask(call)
    }

    /// A read of the store, with its errors as ours.
    func read<Value: Sendable>(
        _ body: (JobStore) async throws(StoreError) -> Value
    ) async throws(EngineError) -> Value {
        do throws(StoreError) {
            return try await body(store)
        } catch {
            throw .store(error)
        }
    }
}
