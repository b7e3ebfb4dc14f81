import Foundation
import GRDB
import JobModel

/// What plugins keep between runs.
extension Database {
    /// Keys and values of one plugin, in bytes.
    static let stateQuota: Int64 = 64 << 20

    func put(_ value: [UInt8], at place: StatePlace, ifVersion wanted: UInt64) throws -> StateAnswer {
        // An attempt may outlive its job, whose values have gone.
        guard try isThere(place.owner) else { return .full }
        let old = try Row.fetchOne(
            cachedStatement(sql: "SELECT id, version, length(value) FROM plugin_state \(StatePlace.condition)"),
            arguments: place.arguments)
        let version = try old.map { UInt64(bitPattern: try $0.decode(Int64.self, atIndex: 1)) } ?? 0
        guard wanted == .max || wanted == version else { return .conflict }
        let before = try old.map { try $0.decode(Int64.self, atIndex: 2) } ?? -Int64(place.key.count)
        guard try charge(place.plugin, Int64(value.count) - before) else { return .full }
        if let old {
            try cachedStatement(sql: "UPDATE plugin_state SET value = ?, version = ? WHERE id = ?").execute(
                arguments: [Data(value), Int64(bitPattern: version + 1), try old.decode(Int64.self, atIndex: 0)])
        } else {
            try cachedStatement(
                sql: """
                    INSERT INTO plugin_state (plugin, job_id, component, key, version, value) VALUES (?, ?, ?, ?, 1, ?)
                    """
            ).execute(arguments: place.arguments + [Data(value)])
        }
        return .stored(version: version + 1)
    }

    func state(at place: StatePlace) throws -> StoredState? {
        let sql = "SELECT value, version FROM plugin_state \(StatePlace.condition)"
        return try Row.fetchOne(cachedStatement(sql: sql), arguments: place.arguments).map { row in
            StoredState(value: try row.bytes(0), version: UInt64(bitPattern: try row.decode(Int64.self, atIndex: 1)))
        }
    }

    /// The index is only used by what names its condition.
    static let stateOfJobGoes = "DELETE FROM plugin_state WHERE job_id = ? AND job_id > 0"

    func deleteState(ofJob id: JobID) throws {
        try execute(
            sql: """
                UPDATE plugin_state_bytes SET bytes = bytes - coalesce((
                    SELECT sum(length(key) + length(value)) FROM plugin_state
                    WHERE job_id = :job AND job_id > 0 AND plugin = plugin_state_bytes.plugin), 0)
                WHERE plugin IN (SELECT plugin FROM plugin_state WHERE job_id = :job AND job_id > 0)
                """, arguments: ["job": id])
        try execute(sql: Self.stateOfJobGoes, arguments: [id])
    }

    private func isThere(_ owner: StatePlace.Owner) throws -> Bool {
        guard case .job(let id) = owner else { return true }
        return try Bool.fetchOne(cachedStatement(sql: "SELECT 1 FROM jobs WHERE id = ?"), arguments: [id]) ?? false
    }

    /// False, and nothing changes, when the plugin would have more than it may.
    private func charge(_ plugin: String, _ bytes: Int64) throws -> Bool {
        let sum = try cachedStatement(sql: "SELECT bytes FROM plugin_state_bytes WHERE plugin = ?")
        let now = try Int64.fetchOne(sum, arguments: [plugin]) ?? 0
        guard bytes <= 0 || now + bytes <= Self.stateQuota else { return false }
        try cachedStatement(
            sql: """
                INSERT INTO plugin_state_bytes VALUES (?, ?) ON CONFLICT (plugin) DO UPDATE SET bytes = excluded.bytes
                """
        ).execute(arguments: [plugin, now + bytes])
        return true
    }
}

extension StatePlace {
    fileprivate static let condition = "WHERE plugin = ? AND job_id = ? AND component = ? AND key = ?"

    fileprivate var arguments: StatementArguments {
        switch owner {
        case .job(let id): [plugin, id, "", Data(key)]
        case .component(let component): [plugin, 0, component, Data(key)]
        }
    }
}
