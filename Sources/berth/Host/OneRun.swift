import Foundation
import GuestPool
import HostHTTP
import JobEngine
import JobModel
import Logging
import PluginCatalog
import ServiceLifecycle
import UnixSignals

/// A host for a single run: a home that is thrown away, no doors, no schedules.
struct OneRun {
    let settings: Settings
    let target: RunTarget
    /// The request for the component meant.
    let request: (String) throws(Failure) -> JSONValue
    var guests = GuestChoices(grants: [])
    /// Started on the guest, once the plugin is loaded and before it runs.
    var debugger: Debugger?

    func run() async throws -> RunView {
        signal(SIGPIPE, SIG_IGN)
        let home = try Self.temporaryHome()
        defer { try? FileManager.default.removeItem(atPath: home.path) }
        try home.prepare()
        let lock = try HomeLock(home)
        defer { withExtendedLifetime(lock) {} }
        var guests = guests
        guests.debugger = debugger.map { _ in Debugger.file(in: home) }
        let composition = try Composition(
            home: home, plugins: plugins(home), settings: settings, logger: HostLog.logger(settings), guests: guests)
        do {
            if settings.requiresSandbox { try await SandboxTrial(settings: settings).check(composition.pool) }
            let view = try await whileServing(composition, home)
            await composition.close()
            return view
        } catch {
            await composition.close()
            throw (error as? EngineError).map { Failure(Problem($0)) } ?? error
        }
    }

    /// Ctrl-C stops the services, and with them the attempt.
    private func whileServing(_ composition: Composition, _ home: HomeFolder) async throws -> RunView {
        let group = ServiceGroup(
            services: composition.services, gracefulShutdownSignals: debugger == nil ? [.sigint, .sigterm] : [],
            logger: Logger(label: "services") { _ in SwiftLogNoOpLogHandler() })
        async let services: Void = group.run()
        do {
            let view = try await once(composition, home)
            await group.triggerGracefulShutdown()
            try await services
            return view
        } catch {
            await group.triggerGracefulShutdown()
            _ = try? await services
            throw error
        }
    }

    private func once(_ composition: Composition, _ home: HomeFolder) async throws -> RunView {
        let name = try target.resolve(try await judged(composition.catalog, home))
        let asked = try Self.checked(try request(name.description))
        let run: RunRecord
        switch try await composition.engine.enqueue([asked], actor: "cli").first {
        case .created(let made), .existing(let made), .replaced(let made): run = made
        case .refused(let error): throw Failure(Problem(error))
        case nil: throw Failure(.unavailable, "The engine did not answer.")
        }
        async let printed: Void = composition.engine.followLogs(of: run.id) { lines in
            for line in lines { Terminal.printError(Terminal.plain(line.text)) }
        }
        let gdb = try await debugger?.attach(home)
        let ended = try await StartWatch(engine: composition.engine).end(of: run.id)
        if let gdb {
            // The guest's end gives gdb its prompt back.
            await composition.pool.stop()
            await gdb.ended()
        }
        try await printed
        let engine = composition.engine
        return RunView(engine.masked(ended), attempts: try await engine.attempts(of: run.id))
    }

    private static func checked(_ json: JSONValue) throws(Failure) -> RunRequest {
        do { return try RunRequest(json: json, now: SystemClock.now) } catch { throw Failure(Problem(error)) }
    }

    /// The plugins folder, or one in the home for a single file.
    private func plugins(_ home: HomeFolder) -> String {
        if case .file = target { home.path + "/plugins" } else { settings.plugins }
    }

    /// What can be run once every plugin that matters has been judged. A file is renamed into the folder while the catalog
    /// watches: one that was there before would be waited for, as it could still be being written.
    private func judged(_ catalog: PluginCatalog, _ home: HomeFolder) async throws(Failure) -> CatalogSnapshot {
        await catalog.firstScan()
        guard case .file(let path, _) = target else { return catalog.snapshot }
        try PluginBuild.place(path, at: "\(plugins(home))/\(URL(fileURLWithPath: path).lastPathComponent)")
        for await snapshot in catalog.snapshots() {
            if let plugin = snapshot.plugins.first, plugin.state != .checking { return snapshot }
        }
        return catalog.snapshot
    }

    private static func temporaryHome() throws(Failure) -> HomeFolder {
        let folder = ProcessInfo.processInfo.environment["TMPDIR"] ?? "/tmp"
        var template = Array("\(folder)/berth-run-XXXXXX".utf8CString)
        guard mkdtemp(&template) != nil else {
            throw Failure(
                .unavailable, "No temporary folder can be made in \(folder): \(HomeFolder.reason). Set TMPDIR.")
        }
        return HomeFolder(
            path: AbsolutePath.of(String(decoding: template.dropLast().map(UInt8.init(bitPattern:)), as: UTF8.self)))
    }
}
