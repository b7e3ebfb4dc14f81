import HostHTTP
import JobEngine
import JobModel
import JobStore

/// The table `asynctasks`: each row that waits becomes one run, exactly once, and is told how that ended. A row's key makes
/// it so: it is on disk before the run is, and a run that has it is found again whatever happened in between.
struct InboxTasks {
    private let engine: JobEngine
    private let database: InboxDatabase
    private let interest: InboxInterest
    /// Rows by the runs made for them that have not ended.
    private var open: [RunID: Int64] = [:]
    /// Those of them that are said to have ended.
    private var ended: Set<RunID> = []
    /// Rows that somebody else called running, and since when we know.
    private var strange: [Int64: ContinuousClock.Instant] = [:]
    private let strangePatience: Duration

    private static let page = 500

    /// `strangePatience`: after it, rows that somebody else called running wait again.
    init(engine: JobEngine, database: InboxDatabase, interest: InboxInterest, strangePatience: Duration) {
        self.engine = engine
        self.database = database
        self.interest = interest
        self.strangePatience = strangePatience
    }

    /// Makes a run for every row that waits.
    mutating func take(_ entry: InboxEntry) async throws {
        var last: Int64 = .min
        while true {
            let rows = try await database.waitingTasks(after: last, limit: Self.page)
            guard let end = rows.last?.id else { return }
            let notes = try await enqueue(rows, entry)
            try await database.write(notes)
            // One may have ended before anybody listened.
            try await write(ends: notes.compactMap { if case .taken(_, _, let run) = $0 { run } else { nil } })
            last = end
        }
    }

    /// What is to be noted of each row.
    private mutating func enqueue(_ rows: [InboxTask], _ entry: InboxEntry) async throws -> [InboxNote] {
        let known = try await engine.runs(withKeys: rows.map(\.key))
        var notes: [InboxNote] = []
        var asked: [(row: InboxTask, request: RunRequest)] = []
        for row in rows {
            if let run = known[row.key] {
                notes.append(taken(row, run))
            } else {
                do throws(InboxRefusal) {
                    asked.append((row, try entry.request(row)))
                } catch {
                    notes.append(.refused(row.id, key: row.key, reason: error.reason))
                }
            }
        }
        let answers = asked.isEmpty ? [] : try await engine.enqueue(asked.map(\.request), actor: "inbox")
        for (row, answer) in zip(asked.map(\.row), answers) {
            if let note = note(answer, row) { notes.append(note) }
        }
        return notes
    }

    private mutating func note(_ answer: Acceptance, _ row: InboxTask) -> InboxNote? {
        switch answer {
        case .created(let run), .existing(let run), .replaced(let run): return taken(row, run.id)
        case .refused(.componentNotFound(let name, let known)):
            let reason = Problem(EngineError.componentNotFound(name, known: known)).detail
            return row.reason == reason ? nil : .waits(row.id, key: row.key, reason: reason)
        // Nothing is wrong with the row.
        case .refused(.store), .refused(.stopping): return nil
        case .refused(let error) where error.passes:
            let reason = Problem(error).detail
            return row.reason == reason ? nil : .waits(row.id, key: row.key, reason: reason)
        case .refused(let error): return .refused(row.id, key: row.key, reason: Problem(error).detail)
        }
    }

    private mutating func taken(_ row: InboxTask, _ run: RunID) -> InboxNote {
        open[run] = row.id
        interest.add(run)
        return .taken(row.id, key: row.key, run: run)
    }

    // MARK: Ends

    /// Looks at every run that is awaited, those of an earlier host too.
    mutating func catchUp() async throws {
        for (run, row) in try await database.runningTasks() where open[run] == nil {
            open[run] = row
            interest.add(run)
        }
        try await write(ends: Array(open.keys))
    }

    mutating func noteEnd(of run: RunID) {
        if open[run] != nil { ended.insert(run) }
    }

    var hasEnds: Bool { !ended.isEmpty }

    mutating func writeEnds() async throws {
        try await write(ends: Array(ended))
        ended = []
    }

    private mutating func write(ends runs: [RunID]) async throws {
        var notes: [InboxNote] = []
        for run in runs {
            guard let row = open[run] else { continue }
            do throws(EngineError) {
                let record = try await engine.run(run)
                if record.state.isEnd || record.state == .held { notes.append(.ended(row, InboxResult(record))) }
            } catch .runNotFound {
                notes.append(.ended(row, .forgotten(run)))
            } catch {
                // Asked again at the next turn.
                continue
            }
        }
        try await database.write(notes)
        for case .ended(_, let result) in notes where result.succeeded != nil { drop(result.run) }
    }

    private mutating func drop(_ run: RunID) {
        open[run] = nil
        ended.remove(run)
        interest.remove(run)
    }

    // MARK: Rows of others

    /// True while there are rows that may have to be let go later.
    mutating func releaseStrange() async throws -> Bool {
        let now = ContinuousClock.now
        let found = try await database.strangeTasks()
        strange = Dictionary(uniqueKeysWithValues: found.map { ($0, strange[$0] ?? now) })
        let old = strange.filter { now - $0.value >= strangePatience }
        try await database.release(Set(old.keys))
        return strange.count > old.count
    }

    var hasStrange: Bool { !strange.isEmpty }
}

extension InboxResult {
    /// The row must not wait for ever for a run whose history went before its end was written.
    fileprivate static func forgotten(_ run: RunID) -> InboxResult {
        InboxResult(
            run: run, succeeded: false, output: "", reason: "run \(run) ended and is no longer in the history",
            startedAt: nil, finishedAt: nil, retries: 0)
    }
}
