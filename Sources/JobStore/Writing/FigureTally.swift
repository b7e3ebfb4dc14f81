import GRDB
import JobModel

/// Whose figures are kept: by the number that stands for it in the store.
enum FigureSubject: Hashable {
    case component(Int64)
    case job(JobID)

    var kind: Int64 { if case .component = self { 0 } else { 1 } }
    var id: Int64 {
        switch self {
        case .component(let id), .job(let id): id
        }
    }
}

/// What a batch adds to the figures of components and jobs, gathered in memory and written once at its end.
struct FigureTally {
    /// Histograms remembered at most.
    private static let limit = 10_000

    private var changes: [FigureSubject: RunFigures] = [:]
    /// As the store has them, so that they need not be read for every batch.
    private var histograms: [FigureSubject: DurationHistogram] = [:]

    mutating func ended(_ state: RunState, _ owner: RunOwner, count: Int64 = 1) {
        changes[.component(owner.component), default: RunFigures()].countEnd(state, count)
        if let job = owner.job { changes[.job(job), default: RunFigures()].countEnd(state, count) }
    }

    mutating func attempted(_ end: AttemptEnd, _ owner: RunOwner) {
        changes[.component(owner.component), default: RunFigures()].count(end)
        if let job = owner.job { changes[.job(job), default: RunFigures()].count(end) }
    }

    /// For what was gathered and is not to be.
    mutating func drop() {
        changes = [:]
    }

    mutating func write(_ db: Database) throws {
        if histograms.count > Self.limit { histograms = [:] }
        for (subject, change) in changes {
            var durations = try histograms[subject] ?? db.durations(of: subject)
            durations.add(change.durations)
            try db.add(change, to: subject, durations: durations)
            histograms[subject] = durations
        }
        changes = [:]
    }
}

/// Who a run counts for.
struct RunOwner {
    var component: Int64
    /// Nil also for children: a run counts with all that it emitted as one of its job's.
    var job: JobID?
}

extension Database {
    func owner(of id: RunID) throws -> RunOwner? {
        let find = try cachedStatement(sql: "SELECT component_id, job_id, parent_id FROM runs WHERE id = ?")
        return try Row.fetchOne(find, arguments: [id]).map { row in
            let isChild = try row.decode(Int64?.self, atIndex: 2) != nil
            return RunOwner(
                component: try row.decode(Int64.self, atIndex: 0),
                job: isChild ? nil : try row.decode(Int64?.self, atIndex: 1))
        }
    }

    fileprivate func durations(of subject: FigureSubject) throws -> DurationHistogram {
        let find = try cachedStatement(sql: "SELECT durations FROM figures WHERE kind = ? AND subject = ?")
        let row = try Row.fetchOne(find, arguments: [subject.kind, subject.id])
        // One that cannot be read begins anew: it must not keep runs from ending.
        return try row.flatMap { DurationHistogram(bytes: try $0.bytes(0)) } ?? DurationHistogram()
    }

    /// Nothing for a job that is not there any more.
    fileprivate func add(_ change: RunFigures, to subject: FigureSubject, durations: DurationHistogram) throws {
        let update = try cachedStatement(
            sql: """
                INSERT INTO figures SELECT ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14
                WHERE ?1 = 0 OR EXISTS (SELECT 1 FROM jobs WHERE id = ?2)
                ON CONFLICT (kind, subject) DO UPDATE SET
                    runs_succeeded = runs_succeeded + excluded.runs_succeeded,
                    runs_failed = runs_failed + excluded.runs_failed,
                    runs_cancelled = runs_cancelled + excluded.runs_cancelled,
                    runs_skipped = runs_skipped + excluded.runs_skipped,
                    runs_expired = runs_expired + excluded.runs_expired,
                    succeeded = succeeded + excluded.succeeded, failed = failed + excluded.failed,
                    cancelled = cancelled + excluded.cancelled, timed_out = timed_out + excluded.timed_out,
                    crashed = crashed + excluded.crashed, interrupted = interrupted + excluded.interrupted,
                    durations = excluded.durations
                """)
        try update.run { bindings in
            try bindings.add(subject.kind)
            try bindings.add(subject.id)
            for state in RunState.allCases where state.isEnd { try bindings.add(change.ends(state)) }
            for count in change.attempts { try bindings.add(count) }
            try bindings.add(durations.bytes)
        }
    }
}
