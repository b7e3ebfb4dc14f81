/// The shape of a database file: whose it is, and the steps that lead from an empty file to today's tables.
struct Schema: Sendable {
    /// Written into the file's header; tells our files from other programs'.
    var applicationID: Int64
    /// Step n leads from version n to n + 1. A released step is never edited: a change is a new step.
    var migrations: [String]

    var version: Int { migrations.count }

    /// `berth.db`; the id spells "brth".
    static let runs = Schema(
        applicationID: 0x6272_7468,
        migrations: [
            firstRunTables, familyTables, stateTables, passedOverColumns, runsByKey, queueTables, attemptMetrics,
            cancelTable, historyTables, streakTable, dispatchTable, loanTables, plainIndexConditions,
            handedOnColumn,
            policyIndex,
        ])
    /// `logs.db`; the id spells "brtl".
    static let logs = Schema(applicationID: 0x6272_746c, migrations: [firstLogTables])
}
