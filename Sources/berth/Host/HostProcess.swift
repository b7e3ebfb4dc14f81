import Foundation
import HostHTTP
import JobEngine
import JobModel
import Logging
import PluginCatalog
import ServiceLifecycle
import UnixSignals
import Upstreams

/// A host from start to end: takes the home, opens the doors, works until it is told to stop.
struct HostProcess {
    let settings: Settings
    /// The settings as files and environment have them now.
    let reread: @Sendable () throws(Failure) -> Settings
    let bannerAsJSON: Bool
    var guests = GuestChoices()

    func run() async throws {
        let started = SystemClock.now
        signal(SIGPIPE, SIG_IGN)
        Self.raiseDescriptors()
        let logger = HostLog.logger(settings)
        let home = HomeFolder(path: settings.home)
        try home.prepare()
        let lock = try HomeLock(home)
        let token = try Token.readOrMake(home)
        let composition = try Composition(
            home: home, plugins: settings.plugins, settings: settings, logger: logger, guests: guests)
        if settings.requiresSandbox {
            do throws(Failure) {
                try await SandboxTrial(settings: settings).check(composition.pool)
            } catch {
                await composition.close()
                throw error
            }
        }
        let watch = PathWatch()
        watch.start()
        defer { watch.stop() }
        let feed = EventFeed(engine: composition.engine, startedAt: started)
        let opening = Opening(composition: composition, settings: settings, asJSON: bannerAsJSON, logger: logger)
        let upstreams = upstreams(composition.engine, logger)
        let board = UpstreamBoard(upstreams, engine: composition.engine)
        var services = composition.services + upstreams
        if !upstreams.isEmpty { services.append(UpstreamDrain(upstreams: upstreams, engine: composition.engine)) }
        services += [feed] + definitions(home, watch, composition.engine, logger)
        for door in doors(home, token) {
            services.append(
                HostServer(
                    api: HostAPI(
                        engine: composition.engine, feed: feed, version: berthVersion,
                        upstreams: { await board.states() }),
                    door: door, logger: logger, onServing: { await opening.opened(door, port: $0) }))
        }
        let group = ServiceGroup(
            services: services, gracefulShutdownSignals: [.sigterm, .sigint], logger: quiet(logger))
        do {
            try await group.run()
        } catch {
            await composition.close()
            throw Self.failure(error, settings: settings)
        }
        await composition.close()
        unlink(home.socket)
        withExtendedLifetime(lock) { logger.info("stopped") }
    }

    private func upstreams(_ engine: JobEngine, _ logger: Logger) -> [any Upstream] {
        let host = UpstreamHost(
            engine: engine, aliases: settings.aliases, plugins: settings.plugins, version: berthVersion, logger: logger)
        return settings.upstreams.map { $0.settings.upstream(named: $0.name, on: host) }
    }

    /// Where jobs come from, beside the API.
    private func definitions(
        _ home: HomeFolder, _ watch: PathWatch, _ engine: JobEngine, _ logger: Logger
    ) -> [any Service] {
        [
            JobFolder(
                folder: settings.jobs.folder, isNamed: settings.jobs.isNamed, watch: watch, engine: engine,
                logger: logger),
            ConfiguredJobs(settings: settings, reread: reread, watch: watch, engine: engine, logger: logger),
            SQLDoor(path: home.inbox, aliases: settings.aliases, watch: watch, engine: engine, logger: logger),
        ]
    }

    private func doors(_ home: HomeFolder, _ token: String) -> [Door] {
        switch settings.listen {
        case .none: [.socket(path: home.socket)]
        case .tcp(let host, let port):
            [.socket(path: home.socket), .network(host: host, port: port, token: token)]
        }
    }

    /// What the service group says is of interest to its authors.
    private func quiet(_ logger: Logger) -> Logger {
        var logger = logger
        logger.logLevel = max(logger.logLevel, .error)
        return logger
    }

    /// Guests, connections and files need more descriptors than the low limit that programs are started with for the
    /// sake of `select`. Guests have limits of their own.
    private static func raiseDescriptors() {
        var limit = rlimit()
        guard getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else { return }
        limit.rlim_cur = limit.rlim_max
        setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
    }

    private static func failure(_ error: any Error, settings: Settings) -> Failure {
        if let failure = error as? Failure { return failure }
        if let error = error as? EngineError { return Failure(Problem(error)) }
        if let error = error as? DoorError { return Failure(.unavailable, error.description) }
        return Failure(.unavailable, "The host had to stop (listening on \(settings.listen.text)): \(error)")
    }
}

/// Waits for all doors to be open, then says so, once.
private actor Opening {
    private let composition: Composition
    private let settings: Settings
    private let asJSON: Bool
    private let logger: Logger
    private var missing: Int
    private var port: Int?

    /// A plugin that hangs while it is looked at does not keep the host from saying that it is there.
    private static let patience = Duration.milliseconds(700)

    init(composition: Composition, settings: Settings, asJSON: Bool, logger: Logger) {
        self.composition = composition
        self.settings = settings
        self.asJSON = asJSON
        self.logger = logger
        missing = settings.listen == .none ? 1 : 2
    }

    func opened(_ door: Door, port: Int?) async {
        if case .network = door { self.port = port }
        missing -= 1
        guard missing == 0 else { return }
        await withTaskGroup(of: Void.self) { group in
            group.addTask { [composition] in await composition.engine.takeUpPlugins() }
            group.addTask { try? await Task.sleep(for: Self.patience) }
            await group.next()
            group.cancelAll()
        }
        do {
            try await show()
        } catch {
            logger.error("the host is open, and its state cannot be read", metadata: ["error": "\(error)"])
        }
    }

    private func show() async throws {
        var address: String?
        if case .tcp(let host, let asked) = settings.listen {
            address = "http://" + Settings.Listen.tcp(host: host, port: port ?? asked).text
        }
        let banner = Banner(
            status: try await composition.engine.status(), home: settings.home, plugins: settings.plugins,
            catalog: await composition.engine.catalog, address: address)
        print(asJSON ? banner.json.text : banner.lines.joined(separator: "\n"))
        Terminal.flush()
    }
}
