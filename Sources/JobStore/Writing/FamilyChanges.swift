import GRDB
import JobModel

/// What a change of a run means for its parent and its children. `open_children` of a run counts exactly those of its
/// children that have not ended, for as long as the run waits for them.
extension Database {
    /// Of a run whose root stage has just ended.
    func waitForChildren(_ id: RunID, count: Int) throws {
        try execute(
            sql: """
                UPDATE runs SET stage = ?, children = ?, open_children = ?, failed_children = 0
                WHERE id = ? AND \(RunMove.start.condition) AND stage = ? AND open_children = 0
                """,
            arguments: [RunStage.reduce.rawValue, count, count, id, RunStage.root.rawValue])
        guard changesCount == 1 else {
            throw StoreError.failed(reason: "run \(id) has children and is not at the end of its root stage")
        }
    }

    /// Makes a run wait for more children, and says where the places of these begin. Nil: it waits no more.
    func growFamily(of id: RunID, by count: Int) throws -> Int64? {
        let grow = try cachedStatement(
            sql: """
                UPDATE runs SET children = children + ?, open_children = open_children + ?
                WHERE id = ? AND state = 0 AND stage = ? AND open_children > 0
                """)
        try grow.execute(arguments: [count, count, id, RunStage.reduce.rawValue])
        guard changesCount == 1 else { return nil }
        return try Int64.fetchOne(self, sql: "SELECT children - ? FROM runs WHERE id = ?", arguments: [count, id])
    }

    func parent(of id: RunID) throws -> RunID? {
        let find = try cachedStatement(sql: "SELECT parent_id FROM runs WHERE id = ?")
        return try Row.fetchOne(find, arguments: [id])?.decode(Int64?.self, atIndex: 0)
    }

    /// True when that was the last child the run waited for. The step before the run moves the gate, if the run waits at
    /// it, and no count of failures: an old one may end when the run has been given another go. All others never do.
    func countDownChildren(of parent: RunID, _ end: RunState, isStep: Bool) throws -> Bool {
        let isGood = end == .succeeded
        try cachedStatement(
            sql: """
                UPDATE runs SET open_children = open_children - 1, failed_children = failed_children + ?,
                    gate = CASE WHEN gate = 1 AND ? THEN ? ELSE gate END
                WHERE id = ? AND state = 0 AND open_children > 0
                """
        ).execute(
            arguments: [
                isGood || isStep ? 0 : 1, isStep, (isGood ? RunGate.passed : .failed).rawValue, parent,
            ])
        guard changesCount == 1 else { return false }
        let left = try cachedStatement(sql: "SELECT open_children FROM runs WHERE id = ?")
        return try Int.fetchOne(left, arguments: [parent]) == 0
    }

    /// That the step before it is why a run ends. Nothing for a run whose gate is not shut.
    func sayAtGate(of id: RunID, _ reason: String) throws {
        try execute(
            sql: "UPDATE runs SET reason = ? WHERE id = ? AND state = 0 AND gate = ?",
            arguments: [reason, id, RunGate.failed.rawValue])
    }

    /// Of a child: it goes before its parent, which did not emit it.
    func isStep(_ id: RunID) throws -> Bool {
        let find = try cachedStatement(sql: "SELECT child_index IS NULL FROM runs WHERE id = ?")
        return try Bool.fetchOne(find, arguments: [id]) ?? false
    }

    func waitsForChildren(_ id: RunID) throws -> Bool {
        let find = try cachedStatement(sql: "SELECT 1 FROM runs WHERE id = ? AND state = 0 AND open_children > 0")
        return try Int.fetchOne(find, arguments: [id]) != nil
    }

    /// For one that had ended other than well, of a run that waits for children.
    func countUpChildren(of parent: RunID) throws {
        try execute(
            sql: """
                UPDATE runs SET open_children = open_children + 1, failed_children = max(0, failed_children - 1)
                WHERE id = ? AND state = 0 AND open_children > 0
                """, arguments: [parent])
        guard changesCount == 1 else {
            throw StoreError.failed(reason: "run \(parent) does not wait for the child that goes again")
        }
    }

    /// Ends the children that no attempt is under way for. Those that run are asked to stop by the engine.
    func closeChildren(of id: RunID, at: Instant, _ totals: inout RunTotals) throws -> Answer {
        let open = try children(of: id, in: RunMove.close.from)
        guard !open.isEmpty else { return .applied }
        for child in open { totals.moved(child.state, .cancelled) }
        try execute(
            sql:
                "UPDATE runs SET state = ?, finished_at = ?, reason = ? WHERE parent_id = ? AND \(RunMove.close.condition)",
            arguments: [RunState.cancelled.rawValue, at.microseconds, "run \(id), its parent, was cancelled", id])
        return .appliedToFamily(open.map(\.id))
    }

    /// Gives the children that ended other than well another go, and makes the run wait for all that are open then.
    func reopenChildren(of id: RunID, due: Instant, _ totals: inout RunTotals) throws -> Answer {
        // A step that has ended stays as it is: the run gets a new one.
        let again = RunMove.reopen.from.filter(\.isEnd)
        let ended = try children(of: id, in: again, condition: Self.isEmitted)
        guard try !ended.isEmpty || !children(of: id, in: [.pending, .running, .held]).isEmpty else { return .applied }
        for child in ended { totals.moved(child.state, .pending) }
        try execute(
            sql: """
                UPDATE runs SET state = 0, due_at = ?, failures = 0, crashes = 0, finished_at = NULL, reason = NULL
                WHERE parent_id = ? AND \(Self.isEmitted) AND \(again.condition)
                """, arguments: [due.microseconds, id])
        try execute(
            sql: "DELETE FROM cancels WHERE run_id IN (SELECT id FROM runs WHERE parent_id = ?)", arguments: [id])
        try execute(
            sql: """
                UPDATE runs SET failed_children = 0, open_children =
                    (SELECT count(*) FROM runs AS child WHERE child.parent_id = runs.id AND child.state IN (0, 1, 2))
                WHERE id = ?
                """, arguments: [id])
        return .appliedToFamily(ended.map(\.id))
    }

    /// Of the children of a run: not a step before it.
    private static let isEmitted = "child_index IS NOT NULL"

    private func children(
        of id: RunID, in states: Set<RunState>, condition: String = "1"
    ) throws -> [(id: RunID, state: RunState)] {
        let sql = """
            SELECT id, state FROM runs WHERE parent_id = ? AND \(states.condition) AND \(condition) ORDER BY child_index
            """
        return try Row.fetchAll(cachedStatement(sql: sql), arguments: [id]).map { row in
            (try row.decode(Int64.self, atIndex: 0), try row.known(RunState.init(rawValue:), 1))
        }
    }
}
