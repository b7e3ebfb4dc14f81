import GRDB
import JobModel

/// Quarantines, kept for the next host.
extension Database {
    func put(_ record: StreakRecord) throws -> Answer {
        try execute(
            sql: "INSERT OR REPLACE INTO crash_streaks (plugin, component, digest, streak) VALUES (?, ?, ?, ?)",
            arguments: [
                record.plugin, record.component ?? "", record.digest, try JSONText.encode(record.streak),
            ])
        return .applied
    }

    func dropStreak(_ plugin: String, _ component: String?) throws -> Answer {
        try execute(
            sql: "DELETE FROM crash_streaks WHERE plugin = ? AND component = ?", arguments: [plugin, component ?? ""])
        return .applied
    }

    /// One that cannot be read is passed over: its component then counts from nothing.
    func streaks() throws -> [StreakRecord] {
        try Row.fetchAll(self, sql: "SELECT plugin, component, digest, streak FROM crash_streaks").compactMap { row in
            let component = try row.decode(String.self, atIndex: 1)
            guard
                let streak = try? JSONText.decode(
                    CrashStreak.self, from: try row.decode(String.self, atIndex: 3), what: "a quarantine")
            else { return nil }
            return StreakRecord(
                plugin: try row.decode(String.self, atIndex: 0), component: component.isEmpty ? nil : component,
                digest: try row.decode(String.self, atIndex: 2), streak: streak)
        }
    }
}
