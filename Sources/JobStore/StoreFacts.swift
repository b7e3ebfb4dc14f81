/// What `doctor` and the banner say about the store.
package struct StoreFacts: Hashable, Sendable {
    package var sqliteVersion: String
    package var journalMode: String
    /// `FULL`, `NORMAL` …
    package var synchronous: String
    package var schemaVersion: Int
    package var databaseBytes: Int64
    package var walBytes: Int64

    package init(
        sqliteVersion: String, journalMode: String, synchronous: String, schemaVersion: Int, databaseBytes: Int64,
        walBytes: Int64
    ) {
        self.sqliteVersion = sqliteVersion
        self.journalMode = journalMode
        self.synchronous = synchronous
        self.schemaVersion = schemaVersion
        self.databaseBytes = databaseBytes
        self.walBytes = walBytes
    }

    /// Of a store that cannot be asked.
    package static let unknown = StoreFacts(
        sqliteVersion: "?", journalMode: "?", synchronous: "?", schemaVersion: 0, databaseBytes: 0, walBytes: 0)
}
