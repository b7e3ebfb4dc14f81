import GRDB
import JobModel

/// Component names, queue names and policies behind the small numbers that rows hold. Read from the store when first
/// met; what a committed number stands for never changes, so nothing here goes stale.
struct Names {
    private var components: [Int64: ComponentName] = [:]
    private var queues: [Int64: String] = [:]
    private var policies: [Int64: SharedPolicy] = [:]

    mutating func component(_ id: Int64, _ db: Database) throws -> ComponentName {
        if let known = components[id] { return known }
        let text = try Self.text("SELECT name FROM components WHERE id = ?", id, db)
        guard let name = ComponentName(text) else {
            throw StoreError.failed(reason: "the store names a component \"\(text)\", which is no component's name")
        }
        components[id] = name
        return name
    }

    mutating func queue(_ id: Int64, _ db: Database) throws -> String {
        if let known = queues[id] { return known }
        let name = try Self.text("SELECT name FROM queues WHERE id = ?", id, db)
        queues[id] = name
        return name
    }

    /// Nil is the standard policy.
    mutating func policy(_ id: Int64?, _ db: Database) throws -> SharedPolicy {
        guard let id else { return .standard }
        if let known = policies[id] { return known }
        let text = try Self.text("SELECT json FROM policies WHERE id = ?", id, db)
        let policy = SharedPolicy.of(try JSONText.decode(RunPolicy.self, from: text, what: "policy \(id)"))
        if policies.count >= Interning.limit { policies.removeAll() }
        policies[id] = policy
        return policy
    }

    private static func text(_ sql: String, _ id: Int64, _ db: Database) throws -> String {
        guard let text = try String.fetchOne(db, sql: sql, arguments: [id]) else {
            throw StoreError.failed(reason: "the store lacks row \(id) (\(sql))")
        }
        return text
    }
}
