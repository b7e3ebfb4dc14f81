import GRDB
import JobModel

/// Applies batches on the writer's connection. Confined to the writer's thread, and its parts to transactions there.
final class BatchWriter {
    private let connection: DatabaseQueue
    private let blobs: Blobs
    private var statements: WriteStatements?
    private var interning = Interning()
    private var names = Names()
    private var totals = RunTotals()

    init(connection: DatabaseQueue, blobs: Blobs) {
        self.connection = connection
        self.blobs = blobs
    }

    /// One transaction for the whole batch; after a failure nothing of it is there and the next batch may work.
    func apply(_ batch: [Mutation]) -> Result<[Answer], StoreError> {
        do {
            return .success(try connection.inDatabase { try commit(batch, $0) })
        } catch {
            forget()
            return .failure(StoreError(error))
        }
    }

    /// Drops what belongs to the connection or may come from a transaction that was rolled back.
    func forget() {
        connection.inDatabase { _ in statements = nil }
        interning = Interning()
        names = Names()
    }

    private func commit(_ batch: [Mutation], _ db: Database) throws -> [Answer] {
        let prepared = try statements ?? WriteStatements(db)
        statements = prepared
        totals = RunTotals()
        var answers: [Answer] = []
        answers.reserveCapacity(batch.count)
        try db.inTransaction(.immediate) {
            for mutation in batch {
                answers.append(try apply(mutation, prepared, db))
            }
            try totals.write(db)
            return .commit
        }
        return answers
    }

    private func apply(_ mutation: Mutation, _ statements: WriteStatements, _ db: Database) throws -> Answer {
        switch mutation {
        case .insert(let run): try insert(run, statements, db)
        case .start(let id, let number, let at): try start(id, number, at, statements, db)
        case .unstart(let id, let number): try unstart(id, number, statements, db)
        case .finish(let finish): try self.finish(finish, statements, db)
        case .readLane(let lane, let place, let limit): try readLane(lane, place, limit, statements, db)
        case .close(let id, let state, let at, let actor, let reason):
            try db.close(id, to: state, at: at, actor: actor, reason: reason, &totals)
        case .reopen(let id, let due, let actor, let reason):
            try db.reopen(id, due: due, actor: actor, reason: reason, &totals)
        case .putJob(let job): try db.put(job, &totals)
        case .deleteJob(let id): try db.deleteJob(id)
        case .setJobPaused(let id, let paused): try db.setJobPaused(id, paused)
        case .setWatermark(let id, let instant): try db.setWatermark(id, instant)
        case .putQueue(let queue): try db.put(queue)
        }
    }
}

// MARK: - The fast path

extension BatchWriter {
    private func insert(_ run: RunRecord, _ statements: WriteStatements, _ db: Database) throws -> Answer {
        guard run.state == .pending || run.state.isEnd else {
            return .refused("a new run is pending or has ended, not \(run.state.word)")
        }
        try statements.insertRun.run([
            .of(run.id), .of(try interning.component(run.component, db)), .of(try interning.queue(run.queue, db)),
            .of(run.job), .of(run.jobName), .of(run.source.rawValue), .of(run.state.rawValue), .of(run.priority),
            .of(run.due.microseconds), .of(run.createdAt.microseconds), .of(run.fireAt?.microseconds),
            .of(run.uniqueKey), .of(run.params), .of(try interning.policy(run.policy, db)), .of(run.parent),
            run.root == run.id ? .null : .of(run.root), .of(run.finishedAt?.microseconds), .of(run.reason),
        ])
        guard db.changesCount == 1 else { return try db.whyNotInserted(run) }
        totals.inserted(run.id, run.state)
        return .applied
    }

    private func start(
        _ id: RunID, _ number: Int32, _ at: Instant, _ statements: WriteStatements, _ db: Database
    ) throws -> Answer {
        try statements.startRun.run([.of(id), .of(number), .of(at.microseconds)])
        guard db.changesCount == 1 else { return try db.refusal(id, wanted: "pending with \(number - 1) starts") }
        totals.moved(.pending, .running)
        return .applied
    }

    private func unstart(
        _ id: RunID, _ number: Int32, _ statements: WriteStatements, _ db: Database
    ) throws -> Answer {
        try statements.unstartRun.run([.of(id), .of(number)])
        guard db.changesCount == 1 else { return try db.refusal(id, wanted: "running with \(number) starts") }
        totals.moved(.running, .pending)
        return .applied
    }

    private func finish(_ finish: Finish, _ statements: WriteStatements, _ db: Database) throws -> Answer {
        let attempt = finish.attempt
        guard finish.state != .running else { return .refused("an attempt cannot end in running") }
        var file: String?
        if attempt.end.output.count > Blobs.threshold {
            // Looked up first, so that a second end never overwrites the file of the first.
            guard try db.isRunning(attempt.run, attempt.number) else { return try db.refusal(attempt) }
            file = try blobs.write(attempt.end.output, run: attempt.run, number: attempt.number)
        }
        try statements.finishRun.run(finish.columns(outputFile: file))
        guard db.changesCount == 1 else { return try db.refusal(attempt) }
        try statements.insertAttempt.run(try attempt.columns)
        totals.moved(.running, finish.state)
        if finish.state == .held {
            try db.insertTransition(
                attempt.run, at: attempt.end.finishedAt, from: .running, to: .held, actor: "host",
                reason: attempt.end.message)
        }
        return .applied
    }

    private func readLane(
        _ lane: LaneKey, _ place: LanePlace?, _ limit: Int, _ statements: WriteStatements, _ db: Database
    ) throws -> Answer {
        let key = [
            DatabaseValue.of(try interning.queue(lane.queue, db)), .of(try interning.component(lane.component, db)),
            .of(lane.priority),
        ]
        let place = place ?? LanePlace(due: .distantPast, id: .min)
        let limit = max(limit, 0)
        var runs: [RunRecord] = []
        do {
            let sameDue = key + [.of(place.due.microseconds), .of(place.id), .of(limit)]
            try collect(statements.laneRest, sameDue, into: &runs, db)
            let later = key + [.of(place.due.microseconds), .of(limit - runs.count)]
            try collect(statements.laneAfter, later, into: &runs, db)
        } catch let error as StoreError {
            // A row that cannot be understood spoils this answer, not the batch.
            return .refused(error.words)
        }
        return .lane(runs)
    }

    private func collect(
        _ statement: Statement, _ arguments: [DatabaseValue], into runs: inout [RunRecord], _ db: Database
    ) throws {
        statement.setUncheckedArguments(StatementArguments(arguments))
        let rows = try Row.fetchCursor(statement)
        while let row = try rows.next() {
            runs.append(try RunRow(row).record(&names, db))
        }
    }
}

// MARK: - Columns of the fast path

extension Finish {
    fileprivate func columns(outputFile: String?) -> [DatabaseValue] {
        let end = attempt.end
        return [
            .of(attempt.run), .of(attempt.number), .of(state.rawValue), .of(due.microseconds), .of(counters.failures),
            .of(counters.crashes), .of(counters.interruptions), .of(end.startedAt.microseconds),
            .of(end.finishedAt.microseconds), .of(end.outcome.stored), .of(end.code),
            end.output.isEmpty || outputFile != nil ? .null : .of(end.output), .of(outputFile), .of(end.message),
        ]
    }
}

extension AttemptRecord {
    fileprivate var columns: [DatabaseValue] {
        get throws {
            [
                .of(run), .of(number), .of(end.outcome.stored), .of(end.code), .of(end.message),
                .of(end.retryAfter?.microseconds), .of(end.startedAt.microseconds), .of(end.finishedAt.microseconds),
                .of(end.guest), .of(end.cpu.microseconds), .of(try end.evidence.map { try JSONText.encode($0) }),
            ]
        }
    }
}
