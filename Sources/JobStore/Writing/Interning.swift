import GRDB
import JobModel

/// The small numbers that stand for component names, queue names and policies; made when first met. Belongs to the
/// writer, which throws it away when a transaction that may have made some is rolled back.
struct Interning {
    /// Policies remembered at most: they may differ from run to run.
    static let limit = 10_000

    private var components: [ComponentName: Int64] = [:]
    private var queues: [String: Int64] = [:]
    private var policies: [RunPolicy: Int64] = [:]

    mutating func component(_ name: ComponentName, _ db: Database) throws -> Int64 {
        if let known = components[name] { return known }
        let id = try Self.id(of: name.description, in: "components", column: "name", db)
        components[name] = id
        return id
    }

    mutating func queue(_ name: String, _ db: Database) throws -> Int64 {
        if let known = queues[name] { return known }
        let id = try Self.id(of: name, in: "queues", column: "name", db)
        queues[name] = id
        return id
    }

    /// Nil stands for the standard policy.
    mutating func policy(_ policy: RunPolicy, _ db: Database) throws -> Int64? {
        if policy == .standard { return nil }
        if let known = policies[policy] { return known }
        let id = try Self.id(of: JSONText.encode(policy), in: "policies", column: "json", db)
        if policies.count >= Self.limit { policies.removeAll() }
        policies[policy] = id
        return id
    }

    private static func id(of text: String, in table: String, column: String, _ db: Database) throws -> Int64 {
        let find = "SELECT id FROM \(table) WHERE \(column) = ?"
        if let found = try Int64.fetchOne(db, sql: find, arguments: [text]) { return found }
        try db.execute(sql: "INSERT INTO \(table) (\(column)) VALUES (?)", arguments: [text])
        return db.lastInsertedRowID
    }
}
