import GRDB
import JobModel

/// Runs that belong to other runs without being emitted by them: steps before and after, and follow-ups.
extension BatchWriter {
    /// The run waits for it from then on, as it would for a child that it emitted.
    func insertStep(
        _ step: RunRecord, before id: RunID, _ statements: WriteStatements, _ db: Database
    ) throws -> Answer {
        try db.execute(
            sql: """
                UPDATE runs SET gate = 1, open_children = 1
                WHERE id = ? AND \(RunMove.start.condition) AND gate = 0 AND open_children = 0
                """, arguments: [id])
        guard db.changesCount == 1 else { return try db.refusal(id, wanted: "pending before its step") }
        guard case .applied = try insert(step, statements, db) else {
            throw StoreError.failed(reason: "run \(step.id), a step before run \(id), is there already")
        }
        return .applied
    }

    func insertEnded(
        _ run: RunRecord, _ aftermath: Aftermath, _ statements: WriteStatements, _ db: Database
    ) throws -> Answer {
        let answer = try insert(run, statements, db)
        guard case .applied = answer else { return answer }
        try insert(aftermath, of: run.id, at: run.finishedAt ?? run.createdAt, statements, db)
        return answer
    }

    func insert(
        _ aftermath: Aftermath, of cause: RunID, at: Instant, _ statements: WriteStatements, _ db: Database
    ) throws {
        for record in aftermath.runs {
            guard case .applied = try insert(record, statements, db) else {
                throw StoreError.failed(reason: "run \(record.id), which follows run \(cause), is there already")
            }
        }
        for warning in aftermath.warnings {
            guard let state = try db.state(of: warning.run) else { continue }
            try db.insertTransition(
                warning.run, at: at, from: state, to: state, actor: "host", reason: warning.words)
        }
    }
}
