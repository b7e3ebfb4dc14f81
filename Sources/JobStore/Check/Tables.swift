import GRDB

/// The tables and indexes that a schema makes, to compare a file's with.
struct Tables {
    private let made: [String: String]

    init(_ schema: Schema) throws {
        let empty = try DatabaseQueue()
        made = try empty.inDatabase { db in
            for step in schema.migrations { try db.execute(sql: step) }
            return try Self.all(db)
        }
    }

    /// What is missing, foreign or other than it should be, in words.
    func differences(_ db: Database) throws -> [String] {
        let found = try Self.all(db)
        let missing = made.keys.filter { found[$0] == nil }.sorted().map { "\($0) is missing" }
        let foreign = found.keys.filter { made[$0] == nil }.sorted().map { "\($0) is not ours: drop it" }
        let other = made.keys.filter { found[$0] != nil && found[$0] != made[$0] }.sorted().map { "\($0) was changed" }
        return missing + other + foreign
    }

    private static func all(_ db: Database) throws -> [String: String] {
        let sql = """
            SELECT type || ' ' || name, coalesce(sql, '') FROM sqlite_schema WHERE name NOT LIKE 'sqlite\\_%' ESCAPE '\\'
            """
        var all: [String: String] = [:]
        for row in try Row.fetchAll(db, sql: sql) {
            all[try row.decode(String.self, atIndex: 0)] = try row.decode(String.self, atIndex: 1)
        }
        return all
    }
}
