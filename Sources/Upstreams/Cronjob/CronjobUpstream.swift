import AsyncHTTPClient
import JobEngine
package import JobModel
import Logging
import NIOSSL
import ServiceLifecycle

/// A worker of a cronjob server: takes its tasks over a WebSocket, locks and confirms them over HTTP.
package actor CronjobUpstream: Upstream {
    package nonisolated let name: String
    let settings: CronjobSettings
    let ledger: DispatchLedger
    let host: UpstreamHost
    let logger: Logger

    var standing = CronjobStanding()
    /// Nothing more is taken.
    private var isDraining = false
    /// By run.
    private var attendances: [RunID: Attendance] = [:]
    /// Tasks that are being looked at, by their ids.
    private var considered: Set<String> = []
    private let deeds: AsyncStream<Deed>
    private let deedsInput: AsyncStream<Deed>.Continuation

    /// What goes on beside everything else, until it is over or the host stops.
    typealias Deed = @Sendable () async -> Void

    package init(name: String, settings: CronjobSettings, host: UpstreamHost) {
        self.name = name
        self.settings = settings
        self.host = host
        ledger = DispatchLedger(upstream: name, engine: host.engine)
        var logger = host.logger
        logger[metadataKey: "upstream"] = "\(name)"
        self.logger = logger
        (deeds, deedsInput) = AsyncStream.makeStream()
    }

    package func run() async {
        var configuration = HTTPClient.Configuration(tlsConfiguration: .trusting(settings.authorities))
        // They are followed within the server alone.
        configuration.redirectConfiguration = .disallow
        configuration.timeout.connect = .nanoseconds(settings.intervals.request.nanoseconds)
        configuration.connectionPool.retryConnectionEstablishment = false
        let client = HTTPClient(eventLoopGroupProvider: .singleton, configuration: configuration)
        let server = CronjobServer(
            client: client, base: settings.url, key: settings.key.text, team: settings.team,
            patience: settings.intervals.request)
        let context = CronjobContext(
            settings: settings, server: server, line: CronjobLine(), ledger: ledger, engine: host.engine,
            logger: logger)
        await work(context)
        try? await client.shutdown()
    }

    /// Until graceful shutdown has come and the last ends are reported, or time is up.
    private func work(_ context: CronjobContext) async {
        await withTaskGroup { group in
            group.addTask {
                guard await self.recover(context) else { return }
                await withDiscardingTaskGroup { group in
                    group.addTask { await self.hearEnds(context) }
                    group.addTask { await CronjobConnection(upstream: self, context: context).keep() }
                    for await deed in self.deeds { group.addTask { await deed() } }
                }
            }
            group.addTask {
                guard (try? await gracefulShutdown()) != nil else { return }
                await self.farewell(context)
            }
            await group.next()
            group.cancelAll()
        }
    }

    /// Takes up what an earlier host owed, before anything is heard of the server. False: the host is stopping.
    private func recover(_ context: CronjobContext) async -> Bool {
        do {
            try await ledger.recover()
        } catch {
            logger.error("cannot read what is owed to the server", metadata: ["error": "\(error)"])
            return false
        }
        for owed in await ledger.owed { attend(owed.dispatch, owed.run, context, isFresh: false) }
        return true
    }

    private func hearEnds(_ context: CronjobContext) async {
        for await ended in ledger.ends {
            // Nobody attends to what is over before whoever takes it hears that it is stored.
            let attendance = attend(ended.dispatch, ended.run.id, context, isFresh: true)
            await attendance.ended(ended.run)
        }
    }

    /// The last reports go out, then the connection is closed.
    private func farewell(_ context: CronjobContext) async {
        isDraining = true
        let deadline = ContinuousClock.now + settings.intervals.farewell
        while !Task.isCancelled, ContinuousClock.now < deadline, await ledger.owesEnds() {
            try? await Task.sleep(for: .milliseconds(20))
        }
        context.line.close()
        // The close frame is on its way; nobody waits for its answer.
        try? await Task.sleep(for: .milliseconds(50))
    }

    package func drain() async {
        isDraining = true
    }

    package func status() async -> UpstreamStatus {
        let figures = await ledger.figures(now: .now)
        return standing.status(
            of: UpstreamStatus(
                name: name, kind: "cronjob", state: .starting, server: settings.url, lag: figures.lag,
                open: figures.open, owed: figures.owed), isDraining: isDraining)
    }

    // MARK: Tasks

    /// Does something beside everything else.
    func begin(_ deed: @escaping Deed) {
        deedsInput.yield(deed)
    }

    /// The one that looks after a run; there is one for each, whoever hears of it first.
    @discardableResult
    func attend(_ dispatch: Dispatch, _ run: RunID, _ context: CronjobContext, isFresh: Bool) -> Attendance {
        if let attendance = attendances[run] { return attendance }
        let attendance = Attendance(dispatch, run: run, context: context)
        attendances[run] = attendance
        begin {
            await attendance.attend(isFresh: isFresh)
            await self.forget(run)
        }
        return attendance
    }

    private func forget(_ run: RunID) { attendances[run] = nil }

    func attendance(of run: RunID) -> Attendance? { attendances[run] }

    /// False when the task is looked at already, or nothing is taken any more.
    func consider(_ task: String) -> Bool {
        !isDraining && considered.insert(task).inserted
    }

    func considered(_ task: String) { considered.remove(task) }

    func isConsidering(_ task: String) -> Bool { considered.contains(task) }
}
