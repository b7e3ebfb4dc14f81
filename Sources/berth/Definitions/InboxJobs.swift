import HostHTTP
import JobEngine
import JobModel
import JobStore
import Logging

/// The table `job_center`: each row defines a job, and is told whether it is in force and how its job is doing.
struct InboxJobs {
    private let engine: JobEngine
    private let database: InboxDatabase
    private let interest: InboxInterest
    private var ledger: SourceLedger
    private var rows: [Int64: InboxJob] = [:]
    /// Rows by the name of the job they define.
    private var rowsByJob: [String: Int64] = [:]
    /// Jobs something happened to since their rows were written.
    private var stirred: Set<String> = []
    private var isFirst = true

    init(engine: JobEngine, database: InboxDatabase, interest: InboxInterest, logger: Logger) {
        self.engine = engine
        self.database = database
        self.interest = interest
        ledger = SourceLedger(engine: engine, kind: JobSource.inboxRows, logger: logger)
    }

    var isWaiting: Bool { ledger.isWaiting }

    /// All rows as they are now; those that changed are brought to the engine.
    mutating func take(_ now: [InboxJob], _ entry: InboxEntry) async throws {
        if isFirst { for source in try await ledger.storedSources() { ledger.remove(source) } }
        isFirst = false
        ledger.forget(JobSource.inboxRows)
        let before = rows
        rows = Dictionary(now.map { ($0.id, $0) }) { $1 }
        for id in before.keys where rows[id] == nil { ledger.remove(JobSource.inboxRow(id)) }
        var touched: [InboxJob] = []
        for row in now where before[row.id]?.content != row.content {
            touched.append(row)
            offer(row, entry)
        }
        try await settle(telling: touched)
    }

    /// Refused rows once more: what stood in their way may be gone.
    mutating func tryAgain() async throws {
        try await settle(telling: rows.values.filter { ledger.reason(JobSource.inboxRow($0.id)) != nil })
    }

    /// The whole table cannot be read.
    mutating func refuse(_ reason: String) async throws {
        ledger.refuse(RefusedDefinition(source: JobSource.inboxRows, reason: reason))
        try await ledger.settle()
    }

    private mutating func offer(_ row: InboxJob, _ entry: InboxEntry) {
        let source = JobSource.inboxRow(row.id)
        do {
            let job = try entry.job(row)
            rowsByJob[job.name] = row.id
            ledger.offer(SourceContent(source: source, jobs: [job]))
        } catch {
            ledger.refuse(RefusedDefinition(source: source, job: row.name, reason: error.reason))
        }
    }

    private mutating func settle(telling touched: [InboxJob]) async throws {
        try await ledger.settle()
        rowsByJob = rowsByJob.filter { rows[$0.value] != nil }
        interest.setJobs(Set(rowsByJob.keys))
        let notes = touched.compactMap { row -> InboxNote? in
            let reason = ledger.reason(JobSource.inboxRow(row.id))
            guard row.state != (reason == nil ? "active" : "refused") || row.reason != reason else { return nil }
            return .job(row.id, refusal: reason)
        }
        try await database.write(notes)
        for case .job(let id, let refusal) in notes {
            rows[id]?.state = refusal == nil ? "active" : "refused"
            rows[id]?.reason = refusal
        }
    }

    // MARK: What the jobs do

    mutating func stir(_ job: String) {
        if rowsByJob[job] != nil { stirred.insert(job) }
    }

    var isStirred: Bool { !stirred.isEmpty }

    mutating func writeRuns() async throws {
        var notes: [InboxNote] = []
        for name in stirred {
            guard let row = rowsByJob[name], let last = try? await engine.job(name).lastRun else { continue }
            notes.append(.jobRun(row, isRunning: last.state == .running, last: last.startedAt))
        }
        stirred = []
        try await database.write(notes)
    }
}
