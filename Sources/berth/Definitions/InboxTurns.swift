import HostHTTP
import JobEngine
import JobModel
import JobStore
import Logging

/// What the SQL door does about each event, one after the other.
struct InboxTurns {
    private let door: SQLDoor
    private let database: InboxDatabase
    private var jobs: InboxJobs
    private var tasks: InboxTasks
    private var lastCatchUp: ContinuousClock.Instant?
    private var isWriteAhead = false
    /// Brings an event after a while.
    private let later: (SQLDoor.Event, Duration) -> Void

    /// Writes are gathered for so long.
    private static let rest = Duration.milliseconds(100)
    /// How long a file that is busy or broken is left alone.
    private static let pause = Duration.seconds(1)
    /// Between looks at every run that is awaited.
    private static let catchUpInterval = Duration.seconds(25)

    init(
        door: SQLDoor, database: InboxDatabase, interest: InboxInterest,
        later: @escaping (SQLDoor.Event, Duration) -> Void
    ) {
        self.door = door
        self.database = database
        self.later = later
        jobs = InboxJobs(engine: door.engine, database: database, interest: interest, logger: door.logger)
        tasks = InboxTasks(
            engine: door.engine, database: database, interest: interest, strangePatience: door.strangePatience)
    }

    /// Whatever fails is tried again, from the beginning.
    mutating func take(_ event: SQLDoor.Event) async {
        do {
            switch event {
            case .look: try await look()
            case .happened(.run(let run, let state, let job, _)):
                note(run, hasEnded: state.isEnd || state == .held, of: job)
            case .happened:
                if jobs.isWaiting { try await jobs.tryAgain() }
                try await tasks.take(try await entry)
            case .writeRuns: try await writeRuns()
            }
        } catch EngineError.stopping {
            return
        } catch {
            // What a host that stops has not done, the next one does.
            if !Task.isCancelled { await fail(error) }
        }
    }

    /// One write for all that happens within a moment: each is three syncs of the disk.
    private mutating func note(_ run: RunID, hasEnded: Bool, of job: String?) {
        if hasEnded { tasks.noteEnd(of: run) }
        if let job { jobs.stir(job) }
        guard !isWriteAhead, tasks.hasEnds || jobs.isStirred else { return }
        isWriteAhead = true
        later(.writeRuns, Self.rest)
    }

    private mutating func writeRuns() async throws {
        isWriteAhead = false
        try await tasks.writeEnds()
        try await jobs.writeRuns()
    }

    private mutating func look() async throws {
        let rows = try await database.changedJobs()
        let isCatchUpDue = lastCatchUp.map { .now - $0 >= Self.catchUpInterval } ?? true
        guard rows != nil || isCatchUpDue || tasks.hasStrange else { return }
        let entry = try await entry
        if let rows { try await jobs.take(rows, entry) }
        if try await tasks.releaseStrange() { later(.look, door.strangePatience) }
        try await tasks.take(entry)
        guard isCatchUpDue else { return }
        lastCatchUp = .now
        try await tasks.catchUp()
    }

    private var entry: InboxEntry {
        get async throws { InboxEntry(aliases: door.aliases, queues: try await door.engine.queueNames()) }
    }

    private mutating func fail(_ error: any Error) async {
        let reason = (error as? StoreError).map { Problem(EngineError.store($0)).detail } ?? "\(error)"
        door.logger.warning("inbox.db cannot be used now", metadata: ["reason": "\(reason)"])
        try? await jobs.refuse("\(door.path) cannot be used now, and is tried again: \(reason)")
        await database.readAgain()
        later(.look, Self.pause)
    }
}
