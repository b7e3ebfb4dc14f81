import Foundation
import GuestPool
import HostHTTP
import JobEngine
import JobModel
import JobStore
import Logging
import PluginCatalog
import ServiceLifecycle

/// The rooms of a host, wired: store, guests, catalog, engine. `serve` opens doors to it, `run` uses it once.
struct Composition {
    let store: JobStore
    let pool: GuestPool
    let catalog: PluginCatalog
    let engine: JobEngine

    /// The caller holds the home's lock.
    init(
        home: HomeFolder, plugins: String, settings: Settings, logger: Logger, guests: GuestChoices = GuestChoices()
    ) throws(Failure) {
        let program = try CompanionProgram.guest.path()
        // Before anything is taken up again: what a host that died left running must not run twice.
        let swept = GuestPool.sweep(marker: home.marker)
        if swept > 0 {
            logger.warning("ended programs that an earlier host left behind", metadata: ["count": "\(swept)"])
        }
        do {
            store = try JobStore(home: home.path, logger: logger)
        } catch {
            throw Failure(Problem(EngineError.store(error)))
        }
        do {
            var guestSettings = GuestPool.Configuration(
                program: program, scratch: home.scratch, marker: home.marker, lacks: guests.lacks,
                makesGroups: true, requiresSandbox: settings.requiresSandbox, learner: guests.learner,
                debugger: guests.debugger)
            guestSettings.home = home.path
            pool = try GuestPool(configuration: guestSettings, logger: logger)
        } catch {
            throw Failure(.unavailable, Self.words(error))
        }
        do {
            if settings.namesPlugins, access(plugins, F_OK) != 0 {
                logger.warning(
                    "the plugins folder was not there and is made, empty", metadata: ["folder": "\(plugins)"])
            }
            catalog = try PluginCatalog(
                folder: plugins, staged: home.staged, pool: pool, policy: settings.pluginPolicy, logger: logger)
        } catch {
            throw Failure(.unavailable, Self.words(error))
        }
        engine = JobEngine(
            store: store, pool: pool, catalog: catalog,
            configuration: .init(
                slots: settings.slots, drain: settings.drain, schedules: settings.schedules,
                plugins: settings.layers.plugins.mapValues { $0.granted(guests.grants ?? []) },
                otherPlugins: PluginSettings(grants: guests.grants ?? [], sandbox: settings.sandbox),
                history: settings.history,
                settingsFile: guests.grants == nil ? settings.layers.file : nil, queues: settings.queues),
            logger: logger)
    }

    private static func words(_ error: CatalogError) -> String {
        switch error {
        case .folder(let path, let reason): "The plugins folder \(path) cannot be used: \(reason)."
        }
    }

    private static func words(_ error: GuestPoolError) -> String {
        switch error {
        case .programMissing(let path, let reason): "The guest program \(path) cannot be used: \(reason)."
        case .system(let call, let code): "The system refused \(call): \(String(cString: strerror(code)))."
        }
    }

    /// The catalog's and engine's services, in the order in which they start; they stop in the opposite one.
    var services: [any Service] { [CatalogService(catalog: catalog), engine] }

    /// After the services have ended.
    func close() async {
        await pool.stop()
        store.close()
    }
}

/// The catalog as a service: it watches until the host stops.
private struct CatalogService: Service {
    let catalog: PluginCatalog

    func run() async {
        await cancelWhenGracefulShutdown { await catalog.run() }
    }
}
