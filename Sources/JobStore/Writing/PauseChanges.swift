import Foundation
import GRDB
import JobModel

/// What persons do to runs that are neither running nor have succeeded, without ending them.
extension Database {
    func pause(
        _ id: RunID, _ at: Instant, _ actor: String, _ reason: String?, _ totals: inout RunTotals
    ) throws -> Answer {
        try execute(
            sql:
                "UPDATE runs SET state = ?, reason = ? WHERE id = ? AND \(RunMove.pause.condition) AND open_children = 0",
            arguments: [RunState.held.rawValue, reason, id])
        guard changesCount == 1 else { return try refusal(id, wanted: "pending and waiting for no other run") }
        try insertTransition(id, at: at, from: .pending, to: .held, actor: actor, reason: reason)
        totals.moved(.pending, .held)
        return .applied
    }

    func resume(
        _ id: RunID, _ at: Instant, _ actor: String, _ reason: String?, _ totals: inout RunTotals
    ) throws -> Answer {
        guard try isPaused(id) else { return try refusal(id, wanted: "paused") }
        try execute(
            sql: "UPDATE runs SET state = 0, reason = NULL WHERE id = ? AND \(RunMove.resume.condition)",
            arguments: [id])
        guard changesCount == 1 else { return try refusal(id, wanted: RunMove.resume.fromWords) }
        try insertTransition(id, at: at, from: .held, to: .pending, actor: actor, reason: reason)
        totals.moved(.held, .pending)
        return .applied
    }

    /// Whether a run that is held was put there by a person and not by its effect: it came from its lane.
    private func isPaused(_ id: RunID) throws -> Bool {
        let sql =
            "SELECT from_state FROM transitions WHERE run_id = ? AND to_state <> from_state ORDER BY id DESC LIMIT 1"
        return try Int.fetchOne(cachedStatement(sql: sql), arguments: [id]) == RunState.pending.rawValue
    }

    /// `policy`: nil leaves it; the inner nil stands for the standard policy. False when its state forbids it.
    func edit(_ id: RunID, _ edit: RunEdit, policy: Int64??, at: Instant, actor: String) throws -> Bool {
        let state = try state(of: id)
        try execute(
            sql: """
                UPDATE runs SET params = coalesce(?, params), policy_id = CASE WHEN ? THEN ? ELSE policy_id END,
                    due_at = coalesce(?, due_at)
                WHERE id = ? AND \(edit.states.condition)
                """,
            arguments: [
                edit.params.map { Data($0) }, policy != nil, policy ?? nil, edit.due?.microseconds, id,
            ])
        guard changesCount == 1, let state else { return false }
        try insertTransition(id, at: at, from: state, to: state, actor: actor, reason: "edited")
        return true
    }
}

extension RunMove {
    /// The states it leaves, as SQL.
    var condition: String { from.condition }
}

extension Set<RunState> {
    /// That the state of a run is one of these, as SQL.
    var condition: String { "state IN (\(map(\.rawValue).sorted().map(String.init).joined(separator: ", ")))" }
}
