import GRDB
import JobModel

/// Changes of jobs and queues.
extension Database {
    func put(_ job: JobRecord, _ totals: inout RunTotals) throws -> Answer {
        let definition = try JSONText.encode(job.definition)
        try execute(
            sql: "UPDATE jobs SET source = ?, definition = ?, anchor = ? WHERE name = ?",
            arguments: [job.source, definition, job.anchor.microseconds, job.definition.name])
        if changesCount == 1 { return .applied }
        try execute(
            sql: "INSERT OR IGNORE INTO jobs VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            arguments: [
                job.id, job.definition.name, job.source, definition, job.paused, job.watermark?.microseconds,
                job.anchor.microseconds, job.createdAt.microseconds,
            ])
        guard changesCount == 1 else { return .refused("another job has the id \(job.id)") }
        totals.insertedJob(job.id)
        return .applied
    }

    func deleteJob(_ id: JobID) throws -> Answer {
        try execute(sql: "DELETE FROM jobs WHERE id = ?", arguments: [id])
        guard changesCount == 1 else { return .refused("there is no job \(id)") }
        try deleteState(ofJob: id)
        try execute(sql: "DELETE FROM figures WHERE kind = 1 AND subject = ?", arguments: [id])
        return .applied
    }

    func setJobPaused(_ id: JobID, _ paused: Bool) throws -> Answer {
        try execute(sql: "UPDATE jobs SET paused = ? WHERE id = ?", arguments: [paused, id])
        return changesCount == 1 ? .applied : .refused("there is no job \(id)")
    }

    func setWatermark(_ id: JobID, _ instant: Instant) throws -> Answer {
        try execute(sql: "UPDATE jobs SET watermark = ? WHERE id = ?", arguments: [instant.microseconds, id])
        return changesCount == 1 ? .applied : .refused("there is no job \(id)")
    }

    func put(_ queue: QueueRecord) throws -> Answer {
        try execute(
            sql: """
                INSERT INTO queues (name, slots, paused, settings) VALUES (?, ?, ?, ?)
                ON CONFLICT (name) DO UPDATE
                SET slots = excluded.slots, paused = excluded.paused, settings = excluded.settings
                """,
            arguments: [
                queue.name, queue.slots, queue.mode.rawValue,
                queue.settings == QueueSettings() ? nil : try JSONText.encode(queue.settings),
            ])
        return .applied
    }

    func setLimit(_ component: Int64, atOnce: Int?) throws -> Answer {
        try execute(sql: "UPDATE components SET at_once = ? WHERE id = ?", arguments: [atOnce, component])
        return .applied
    }
}
