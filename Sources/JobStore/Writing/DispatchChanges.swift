import Foundation
import GRDB
import JobModel

/// The outbox: a row for each dispatch whose end its server has not acknowledged.
extension Database {
    /// The run of an instance whose end is owed.
    func owed(_ dispatch: Dispatch) throws -> RunID? {
        let find = "SELECT run_id FROM dispatches WHERE upstream = ? AND instance = ? AND silenced = 0"
        return try Int64.fetchOne(cachedStatement(sql: find), arguments: [dispatch.upstream, dispatch.instance])
    }

    func insert(_ dispatch: Dispatch, run: RunID, at: Instant) throws {
        let insert = try cachedStatement(
            sql: "INSERT INTO dispatches (run_id, upstream, instance, note, received_at) VALUES (?, ?, ?, ?, ?)")
        try insert.run { bindings in
            try bindings.add(run)
            try bindings.add(dispatch.upstream)
            try bindings.add(dispatch.instance)
            try bindings.add(dispatch.note)
            try bindings.add(at.microseconds)
        }
    }

    func settle(_ runs: [RunID]) throws -> Answer {
        let delete = try cachedStatement(sql: "DELETE FROM dispatches WHERE run_id = ?")
        for run in runs { try delete.run { try $0.add(run) } }
        return .applied
    }

    func silence(_ run: RunID) throws -> Answer {
        try execute(sql: "UPDATE dispatches SET silenced = 1 WHERE run_id = ?", arguments: [run])
        return .applied
    }

    /// What is owed for the run tells of them. Where nothing is, nobody wants them.
    func handOn(_ children: [ChildOrder], madeBy run: RunID) throws {
        let json = JSONValue.array(children.map(\.json)).text
        try execute(sql: "UPDATE dispatches SET children = ? WHERE run_id = ?", arguments: [json, run])
    }

    func amend(_ run: RunID, _ note: [UInt8]) throws -> Answer {
        try execute(sql: "UPDATE dispatches SET note = ? WHERE run_id = ?", arguments: [Data(note), run])
        return .applied
    }
}
