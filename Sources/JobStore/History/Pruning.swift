import GRDB
import JobModel

/// What went with a slice of pruned runs.
struct Pruned: Sendable {
    struct Run: Sendable {
        var id: RunID
        var starts: Int32
    }

    var runs: [Run] = []
    /// Those of them whose children are still to go.
    var parents: [RunID] = []
}

extension Database {
    /// Takes ended runs out of history with their attempts and transitions, in one transaction. Those that have not ended
    /// after all, and children whose parent is there, stay.
    func prune(_ ids: [RunID]) throws -> Pruned {
        var pruned = Pruned()
        var totals = RunTotals()
        try inTransaction(.immediate) {
            for id in ids { try prune(id, &pruned, &totals) }
            try totals.write(self)
            return .commit
        }
        return pruned
    }

    private func prune(_ id: RunID, _ pruned: inout Pruned, _ totals: inout RunTotals) throws {
        let find = try cachedStatement(
            sql: """
                SELECT state, starts, children + gate, policy_id FROM runs WHERE id = ? AND state >= 3
                AND NOT \(HistoryReader.isOwed)
                AND (parent_id IS NULL OR NOT EXISTS (SELECT 1 FROM runs AS parent WHERE parent.id = runs.parent_id))
                """)
        guard let row = try Row.fetchOne(find, arguments: [id]) else { return }
        let state: RunState = try row.known(RunState.init(rawValue:), 0)
        pruned.runs.append(Pruned.Run(id: id, starts: try row.decode(Int32.self, atIndex: 1)))
        if try row.decode(Int64.self, atIndex: 2) > 0 { pruned.parents.append(id) }
        for table in ["attempts WHERE run_id", "transitions WHERE run_id", "runs WHERE id"] {
            try cachedStatement(sql: "DELETE FROM \(table) = ?").execute(arguments: [id])
        }
        if let policy = try row.decode(Int64?.self, atIndex: 3) { try prunePolicy(policy) }
        totals.removed(state)
    }

    /// Goes with the last run that has it. The newest stays: its number would be given again, and readers remember what
    /// numbers stand for.
    private func prunePolicy(_ id: Int64) throws {
        let delete = try cachedStatement(
            sql: """
                DELETE FROM policies WHERE id = :id AND id < (SELECT max(id) FROM policies)
                AND NOT EXISTS (SELECT 1 FROM runs WHERE policy_id = :id)
                """)
        try delete.execute(arguments: ["id": id])
    }

    /// Children that a pruned run left behind.
    func orphans(of parent: RunID, limit: Int) throws -> [RunID] {
        try Int64.fetchAll(
            cachedStatement(sql: "SELECT id FROM runs WHERE parent_id = ? AND state >= 3 LIMIT ?"),
            arguments: [parent, limit])
    }
}
