import GRDB
import JobModel
import Logging

/// Applies batches on the writer's connection. Confined to the writer's thread, and its parts to transactions there.
final class BatchWriter {
    private let connection: DatabaseQueue
    private let blobs: Blobs
    private let logger: Logger
    private var statements: WriteStatements?
    private var interning = Interning()
    private var names = Names()
    private var totals = RunTotals()
    private var figures = FigureTally()

    init(connection: DatabaseQueue, blobs: Blobs, logger: Logger) {
        self.connection = connection
        self.blobs = blobs
        self.logger = logger
    }

    /// One transaction for the whole batch; after a failure nothing of it is there.
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
        figures = FigureTally()
    }

    /// After history was pruned through the same connection.
    func forgetPolicies() {
        interning.forgetPolicies()
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
            try figures.write(db)
            return .commit
        }
        return answers
    }

    private func apply(_ mutation: Mutation, _ statements: WriteStatements, _ db: Database) throws -> Answer {
        switch mutation {
        case .insert(let run): try insert(run, statements, db)
        case .insertOrReplace(let run): try insertOrReplace(run, statements, db)
        case .matchKey(let key, let component, let params): try matchKey(key, component, params, db)
        case .insertEnded(let run, let aftermath): try insertEnded(run, aftermath, statements, db)
        case .insertStep(let step, let run): try insertStep(step, before: run, statements, db)
        case .insertDispatched(let run, let dispatch): try insert(run, dispatch, statements, db)
        case .settle(let runs): try db.settle(runs)
        case .silence(let run): try db.silence(run)
        case .amend(let run, let note): try db.amend(run, note)
        case .start(let id, let number, let at): try start(id, number, at, statements, db)
        case .putLoan(let id, let number, let host): try db.putLoan(id, number, host: host)
        case .dropLoan(let id, let number): try db.dropLoan(id, number)
        case .unstart(let id, let number): try unstart(id, number, statements, db)
        case .finish(let finish): try self.finish(finish, statements, db)
        case .readLane(let lane, let place, let limit): try readLane(lane, place, limit, statements, db)
        case .close(let id, let state, let at, let actor, let reason, let aftermath):
            try close(id, .close, state, at, actor, reason, aftermath, statements, db)
        case .resolve(let id, let state, let at, let actor, let reason, let aftermath):
            try close(id, .resolve, state, at, actor, reason, aftermath, statements, db)
        case .pause(let id, let at, let actor, let reason): try db.pause(id, at, actor, reason, &totals)
        case .resume(let id, let at, let actor, let reason):
            try asItIs(id, db.resume(id, at, actor, reason, &totals), db)
        case .edit(let id, let edit, let at, let actor): try self.edit(id, edit, at, actor, db)
        case .setParams(let id, let params, let old): try db.setParams(id, params, was: old)
        case .putCancel(let id, let number, let at, let actor, let reason):
            try db.putCancel(id, number, at: at, actor: actor, reason: reason)
        case .reopen(let id, let due, let at, let actor, let reason):
            try asItIs(id, db.reopen(id, due: due, at: at, actor: actor, reason: reason, &totals), db)
        case .putJob(let job): try db.put(job, &totals)
        case .deleteJob(let id): try db.deleteJob(id)
        case .setJobPaused(let id, let paused): try db.setJobPaused(id, paused)
        case .setWatermark(let id, let instant): try db.setWatermark(id, instant)
        case .putQueue(let queue): try db.put(queue)
        case .setLimit(let name, let count): try db.setLimit(interning.component(name, db), atOnce: count)
        case .countPending(let queue, let limit): .count(try db.pendingCount(queue: queue, atMost: limit))
        case .putState(let place, let value, let version): .state(try db.put(value, at: place, ifVersion: version))
        case .putStreak(let record): try db.put(record)
        case .dropStreak(let plugin, let component): try db.dropStreak(plugin, component)
        case .recall(let now): try db.recall(now)
        }
    }
}

// MARK: - The fast path

extension BatchWriter {
    private static let ends = RunMove.end.to

    func insert(_ run: RunRecord, _ statements: WriteStatements, _ db: Database) throws -> Answer {
        guard run.state == .pending || run.state.isEnd else {
            return .refused("a new run is pending or has ended, not \(run.state.word)")
        }
        // SQLite would be given the text up to there, and two keys become one.
        guard run.uniqueKey?.utf8.contains(0) != true else { return .refused("a unique key cannot hold a NUL") }
        let component = try interning.component(run.component, db)
        let queue = try interning.queue(run.queue, db)
        let policy = try interning.policy(run.sharedPolicy, db)
        let inserted = try statements.insertRun.run {
            try $0.add(run, component: component, queue: queue, policy: policy)
        }
        guard inserted == 1 else { return try db.whyNotInserted(run) }
        totals.inserted(run.id, run.state)
        if !run.tags.isEmpty { try db.insertTags(of: run) }
        if run.state.isEnd { figures.ended(run.state, RunOwner(component: component, job: run.job)) }
        return .applied
    }

    private func insert(
        _ run: RunRecord, _ dispatch: Dispatch, _ statements: WriteStatements, _ db: Database
    ) throws -> Answer {
        if let owed = try db.owed(dispatch) { return .duplicate(owed) }
        let answer = try insert(run, statements, db)
        if case .applied = answer { try db.insert(dispatch, run: run.id, at: run.createdAt) }
        return answer
    }

    private func insertOrReplace(
        _ run: RunRecord, _ statements: WriteStatements, _ db: Database
    ) throws -> Answer {
        let answer = try insert(run, statements, db)
        guard case .duplicate(let holder) = answer,
            try db.replaceParams(of: holder, run.params, component: interning.component(run.component, db)),
            let changed = try record(of: holder, db)
        else { return answer }
        return .replaced(changed)
    }

    private func matchKey(
        _ key: String, _ component: ComponentName, _ params: [UInt8]?, _ db: Database
    ) throws -> Answer {
        guard let holder = try db.holder(ofKey: key) else { return .refused("no run that has not ended has the key") }
        guard let params,
            try db.replaceParams(of: holder, params, component: interning.component(component, db)),
            let changed = try record(of: holder, db)
        else { return .duplicate(holder) }
        return .replaced(changed)
    }

    private func start(
        _ id: RunID, _ number: Int32, _ at: Instant, _ statements: WriteStatements, _ db: Database
    ) throws -> Answer {
        let started = try statements.startRun.run { bindings in
            try bindings.add(at.microseconds)
            try bindings.add(id)
            try bindings.add(Int64(number) - 1)
        }
        guard started == 1 else {
            return try db.refusal(id, wanted: "pending with \(Int64(number) - 1) starts")
        }
        totals.moved(.pending, .running)
        return .applied
    }

    private func unstart(
        _ id: RunID, _ number: Int32, _ statements: WriteStatements, _ db: Database
    ) throws -> Answer {
        let taken = try statements.unstartRun.run { bindings in
            try bindings.add(id)
            try bindings.add(number)
        }
        guard taken == 1 else { return try db.refusal(id, wanted: "running with \(number) starts") }
        totals.moved(.running, .pending)
        return .applied
    }

    private func finish(_ finish: Finish, _ statements: WriteStatements, _ db: Database) throws -> Answer {
        let attempt = finish.attempt
        guard Self.ends.contains(finish.state) else {
            return .refused("an attempt cannot end in \(finish.state.word)")
        }
        var file: String?
        if attempt.end.output.count > Blobs.threshold {
            // Looked up first, so that a second end never overwrites the file of the first.
            guard try db.isRunning(attempt.run, attempt.number) else { return try db.refusal(attempt) }
            file = try blobs.write(attempt.end.output, run: attempt.run, number: attempt.number)
        }
        let ended = try statements.finishRun.run { try $0.add(finish, outputFile: file) }
        guard ended == 1 else { return try db.refusal(attempt) }
        try statements.insertAttempt.run { try $0.add(attempt) }
        totals.moved(.running, finish.state)
        try count(finish, db)
        if let actor = finish.by ?? (finish.state == .held ? "host" : nil) {
            try db.insertTransition(
                attempt.run, at: attempt.end.finishedAt, from: .running, to: finish.state, actor: actor,
                reason: attempt.end.message)
        }
        let grown = try insertChildren(of: finish, statements, db)
        if !finish.handedOn.isEmpty { try db.handOn(finish.handedOn, madeBy: attempt.run) }
        try insert(finish.aftermath, of: attempt.run, at: attempt.end.finishedAt, statements, db)
        guard finish.state.isEnd, let parent = finish.parent else { return .applied }
        let answer = try childEnded(parent, attempt.run, finish.state, db)
        return grown.map { .grown(from: $0) } ?? answer
    }

    private func count(_ finish: Finish, _ db: Database) throws {
        guard let component = finish.component else { return }
        let owner = RunOwner(component: try interning.component(component, db), job: finish.job)
        figures.attempted(finish.attempt.end, owner)
        figures.ended(finish.state, owner)
    }

    /// Where they were made by a child: their first place in its family.
    private func insertChildren(of finish: Finish, _ statements: WriteStatements, _ db: Database) throws -> Int64? {
        guard !finish.children.isEmpty else { return nil }
        guard finish.state.isEnd else {
            try db.waitForChildren(finish.attempt.run, count: finish.children.count)
            try insert(finish.children, from: 0, statements, db)
            return nil
        }
        guard let parent = finish.parent, let first = try db.growFamily(of: parent, by: finish.children.count) else {
            return nil
        }
        try insert(finish.children, from: first, statements, db)
        return first
    }

    private func insert(
        _ children: [RunRecord], from first: Int64, _ statements: WriteStatements, _ db: Database
    ) throws {
        for child in children {
            var child = child
            child.childIndex = first + (child.childIndex ?? 0)
            guard case .applied = try insert(child, statements, db) else {
                throw StoreError.failed(
                    reason: "child \(child.childIndex ?? -1) of run \(child.parent ?? 0) is there already")
            }
        }
    }

    /// Counts one child less; the last one brings its parent back.
    private func childEnded(_ parent: RunID, _ child: RunID, _ state: RunState, _ db: Database) throws -> Answer {
        let isStep = try db.isStep(child)
        let wasLast = try db.countDownChildren(of: parent, state, isStep: isStep)
        if isStep, state != .succeeded, let step = try record(of: child, db) {
            try db.sayAtGate(of: parent, "its pre-step, run \(child), \(step.endWords)")
        }
        guard wasLast, let released = try record(of: parent, db) else { return .applied }
        return .released(released)
    }

    private func record(of id: RunID, _ db: Database) throws -> RunRecord? {
        let find = try db.cachedStatement(sql: "SELECT \(RunRow.columns) FROM runs WHERE id = ?")
        return try Row.fetchOne(find, arguments: [id]).map { try RunRow($0).record(&names, db) }
    }

    /// A run that goes again is answered as it is: whoever asked for it may have read it before it was edited. Its old
    /// output is nothing that anybody needs for that.
    private func asItIs(_ id: RunID, _ answer: Answer, _ db: Database) throws -> Answer {
        guard case .applied = answer, var run = try record(of: id, db) else { return answer }
        run.output = []
        return .replaced(run)
    }

    private func edit(
        _ id: RunID, _ edit: RunEdit, _ at: Instant, _ actor: String, _ db: Database
    ) throws -> Answer {
        let policy = try edit.policy.map { try interning.policy(.of($0), db) }
        guard try db.edit(id, edit, policy: policy, at: at, actor: actor),
            let changed = try record(of: id, db)
        else { return try db.refusal(id, wanted: "neither running nor succeeded") }
        return .replaced(changed)
    }

    private func close(
        _ id: RunID, _ move: RunMove, _ state: RunState, _ at: Instant, _ actor: String, _ reason: String?,
        _ aftermath: Aftermath, _ statements: WriteStatements, _ db: Database
    ) throws -> Answer {
        let answer = try db.close(id, move, to: state, at: at, actor: actor, reason: reason, &totals)
        try count(answer, state, of: id, db)
        if case .refused = answer { return answer }
        try insert(aftermath, of: id, at: at, statements, db)
        guard case .applied = answer, let parent = try db.parent(of: id) else { return answer }
        return try childEnded(parent, id, state, db)
    }

    private func count(_ answer: Answer, _ state: RunState, of id: RunID, _ db: Database) throws {
        guard let owner = try db.owner(of: id) else { return }
        switch answer {
        case .applied: figures.ended(state, owner)
        case .appliedToFamily(let children):
            figures.ended(state, owner)
            // Each for its own: a step before the run is of another component.
            for child in children { try db.owner(of: child).map { figures.ended(.cancelled, $0) } }
        default: break
        }
    }

    private func readLane(
        _ lane: LaneKey, _ place: LanePlace?, _ limit: Int, _ statements: WriteStatements, _ db: Database
    ) throws -> Answer {
        let key = Lanes.IDs(
            queue: try interning.queue(lane.queue, db), component: try interning.component(lane.component, db),
            priority: Int64(lane.priority))
        let place = place ?? LanePlace(due: .distantPast, id: .min)
        let limit = max(limit, 0)
        var runs: [RunRecord] = []
        // No arguments at all is what GRDB then believes in; those bound below stay bound.
        statements.laneRest.setUncheckedArguments(StatementArguments())
        statements.laneAfter.setUncheckedArguments(StatementArguments())
        var sameDue = Bindings(statements.laneRest)
        try sameDue.add(key, due: place.due)
        try sameDue.add(place.id)
        try collect(statements.laneRest, into: &runs, limit, db)
        var later = Bindings(statements.laneAfter)
        try later.add(key, due: place.due)
        try collect(statements.laneAfter, into: &runs, limit, db)
        return .lane(runs)
    }

    /// A row that cannot be understood is passed over: it must keep neither the batch nor the runs behind it. The limit
    /// counts what is understood, so that fewer than that means the lane has no more.
    private func collect(
        _ statement: Statement, into runs: inout [RunRecord], _ limit: Int, _ db: Database
    ) throws {
        let rows = try Row.fetchCursor(statement)
        while runs.count < limit, let row = try rows.next() {
            do {
                runs.append(try RunRow(row).record(&names, db))
            } catch let error where !(error is DatabaseError) {
                let run: Int64 = try row.decode(atIndex: 0)
                logger.error(
                    "a pending run cannot be read and is passed over",
                    metadata: ["run": "\(run)", "reason": "\(StoreError(error).words)"])
            }
        }
    }
}
