import Foundation
import GRDB
import JobModel

/// Changes of runs that are made by persons and policies, and the words for changes that are refused.
extension Database {
    /// `move` is `close` or `resolve`.
    func close(
        _ id: RunID, _ move: RunMove, to state: RunState, at: Instant, actor: String, reason: String?,
        _ totals: inout RunTotals
    ) throws -> Answer {
        guard move.to.contains(state) else { return .refused("\(move.rawValue) leads to no run that is \(state.word)") }
        // Where it came from; whether it may go is for the statement to say.
        let from = try self.state(of: id)
        try execute(
            sql: "UPDATE runs SET state = ?, finished_at = ?, reason = ? WHERE id = ? AND \(move.condition)",
            arguments: [state.rawValue, at.microseconds, reason, id])
        guard changesCount == 1, let from else { return try refusal(id, wanted: move.fromWords) }
        try insertTransition(id, at: at, from: from, to: state, actor: actor, reason: reason)
        totals.moved(from, state)
        return try closeChildren(of: id, at: at, &totals)
    }

    func setParams(_ id: RunID, _ params: [UInt8], was old: [UInt8]) throws -> Answer {
        try execute(
            sql: "UPDATE runs SET params = ? WHERE id = ? AND state = 0 AND params = ?",
            arguments: [Data(params), id, Data(old)])
        if changesCount == 1 { return .applied }
        return try state(of: id) == .pending ? .applied : refusal(id, wanted: "pending")
    }

    /// False when the run has gone too far for that, or is of another component.
    func replaceParams(of id: RunID, _ params: [UInt8], component: Int64) throws -> Bool {
        try execute(
            sql: "UPDATE runs SET params = ? WHERE id = ? AND state = 0 AND stage <> 3 AND component_id = ?",
            arguments: [Data(params), id, component])
        return changesCount == 1
    }

    func insertTags(of run: RunRecord) throws {
        let insert = try cachedStatement(sql: "INSERT OR IGNORE INTO run_tags (tag, run_id) VALUES (?, ?)")
        for tag in run.tags.words { try insert.execute(arguments: [tag, run.id]) }
    }

    func reopen(
        _ id: RunID, due: Instant, at: Instant, actor: String, reason: String?, _ totals: inout RunTotals
    ) throws -> Answer {
        let from = try self.state(of: id)
        let parent = from?.isEnd == true ? try self.parent(of: id) : nil
        if let parent {
            guard try !isStep(id) else { return .refused("it is a step before run \(parent), which gets a new one") }
            guard try waitsForChildren(parent) else {
                return .refused("its parent, run \(parent), has gone on without it")
            }
        }
        try execute(
            sql: """
                UPDATE OR IGNORE runs SET state = 0, due_at = ?, failures = 0, crashes = 0, finished_at = NULL, reason = ?,
                    gate = CASE WHEN ? THEN 0 ELSE gate END, open_children = 0
                WHERE id = ? AND \(RunMove.reopen.condition)
                """, arguments: [due.microseconds, reason, from?.isEnd, id])
        guard changesCount == 1, let from else {
            guard let from, RunMove.reopen.from.contains(from) else {
                return try refusal(id, wanted: RunMove.reopen.fromWords)
            }
            return .refused("another run that has not ended holds the unique key of run \(id)")
        }
        if let parent { try countUpChildren(of: parent) }
        try execute(sql: "DELETE FROM cancels WHERE run_id = ?", arguments: [id])
        try insertTransition(id, at: at, from: from, to: .pending, actor: actor, reason: reason)
        totals.moved(from, .pending)
        return try reopenChildren(of: id, due: due, &totals)
    }

    /// What is less far ahead is waited out.
    func recall(_ now: Instant) throws -> Answer {
        let now = now.microseconds
        let limit = now.addingReportingOverflow(60_000_000)
        guard !limit.overflow else { return .applied }
        try execute(
            sql: """
                UPDATE runs SET due_at = ?1 + max(0, due_at - finished_at), finished_at = ?1
                WHERE state = 0 AND open_children = 0 AND starts > 0 AND finished_at > ?2
                """, arguments: [now, limit.partialValue])
        try execute(
            sql: """
                UPDATE runs SET due_at = ?1 + max(0, due_at - created_at)
                WHERE state = 0 AND open_children = 0 AND starts = 0 AND created_at > ?2
                    AND (due_at <= created_at OR fire_at IS NOT NULL)
                """, arguments: [now, limit.partialValue])
        return .applied
    }

    func insertTransition(
        _ run: RunID, at: Instant, from: RunState, to: RunState, actor: String, reason: String?
    ) throws {
        try execute(
            sql: "INSERT INTO transitions (run_id, at, from_state, to_state, actor, reason) VALUES (?, ?, ?, ?, ?, ?)",
            arguments: [run, at.microseconds, from.rawValue, to.rawValue, actor, reason])
    }
}

// MARK: - Why not

extension Database {
    func state(of id: RunID) throws -> RunState? {
        let stored = try Int.fetchOne(self, sql: "SELECT state FROM runs WHERE id = ?", arguments: [id])
        return stored.flatMap(RunState.init(rawValue:))
    }

    func isRunning(_ id: RunID, _ number: Int32) throws -> Bool {
        let sql = "SELECT 1 FROM runs WHERE id = ? AND state = 1 AND starts = ?"
        return try Int.fetchOne(self, sql: sql, arguments: [id, number]) != nil
    }

    func refusal(_ attempt: AttemptRecord) throws -> Answer {
        try refusal(attempt.run, wanted: "running with \(attempt.number) starts")
    }

    func refusal(_ id: RunID, wanted: String) throws -> Answer {
        let sql = "SELECT state, starts FROM runs WHERE id = ?"
        guard let row = try Row.fetchOne(self, sql: sql, arguments: [id]) else {
            return .refused("there is no run \(id)")
        }
        let state: RunState = try row.known(RunState.init(rawValue:), 0)
        return .refused("run \(id) is \(state.word) with \(try row.decode(Int.self, atIndex: 1)) starts, not \(wanted)")
    }

    /// The run with the key that has not ended.
    func holder(ofKey key: String) throws -> RunID? {
        let sql = "SELECT id FROM runs WHERE unique_key = ? AND state < 3"
        return try Int64.fetchOne(self, sql: sql, arguments: [key])
    }

    func whyNotInserted(_ run: RunRecord) throws -> Answer {
        if let key = run.uniqueKey {
            if let holder = try holder(ofKey: key) { return .duplicate(holder) }
        }
        if try state(of: run.id) != nil { return .refused("there is a run \(run.id) already") }
        return .refused("job \(run.job ?? 0) has a run for \(run.fireAt?.microseconds ?? 0) µs already")
    }
}
