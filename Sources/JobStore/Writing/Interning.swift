import GRDB
import JobModel

/// The small numbers that stand for component names, queue names and policies; made when first met. Belongs to the
/// writer, which throws it away when a transaction that may have made some is rolled back.
struct Interning {
    /// Policies remembered at most: they may differ from run to run.
    static let limit = 10_000

    private var components = Interned<ComponentName>()
    private var queues = Interned<String>()
    private var policies = Interned<SharedPolicy>()

    mutating func component(_ name: ComponentName, _ db: Database) throws -> Int64 {
        try components.id(of: name) { try Self.id(of: name.description, in: "components", column: "name", db) }
    }

    mutating func queue(_ name: String, _ db: Database) throws -> Int64 {
        try queues.id(of: name) { try Self.id(of: name, in: "queues", column: "name", db) }
    }

    /// Nil stands for the standard policy.
    mutating func policy(_ policy: SharedPolicy, _ db: Database) throws -> Int64? {
        if policy == .standard { return nil }
        return try policies.id(of: policy) {
            try Self.id(of: JSONText.encode(policy.value), in: "policies", column: "json", db)
        }
    }

    /// Some may have gone with the last run that had them.
    mutating func forgetPolicies() {
        policies = Interned()
    }

    private static func id(of text: String, in table: String, column: String, _ db: Database) throws -> Int64 {
        let find = "SELECT id FROM \(table) WHERE \(column) = ?"
        if let found = try Int64.fetchOne(db, sql: find, arguments: [text]) { return found }
        try db.execute(sql: "INSERT INTO \(table) (\(column)) VALUES (?)", arguments: [text])
        return db.lastInsertedRowID
    }
}

/// Values with their numbers. The one asked for last is compared first: the runs of a batch are mostly alike, and hashing
/// a policy takes longer than binding a row.
private struct Interned<Value: Hashable> {
    private var known: [Value: Int64] = [:]
    private var last: (value: Value, id: Int64)?

    mutating func id(of value: Value, make: () throws -> Int64) throws -> Int64 {
        if let last, last.value == value { return last.id }
        let id = try known[value] ?? make()
        if known.count >= Interning.limit { known.removeAll() }
        known[value] = id
        last = (value, id)
        return id
    }
}
