import GRDB

/// A rule that the rows of `berth.db` keep after every batch.
struct Invariant {
    /// What it is about, in a word or two.
    let name: String
    /// Weak where the rows that break it count for nothing.
    var verdict = StoreFinding.Verdict.broken
    /// What a breach is, after the rows that break the rule.
    let breach: String
    /// What to do about one.
    let remedy: Remedy
    /// One row for each breach, whose first column names it.
    let sql: String

    enum Remedy {
        /// A statement for a stopped store.
        case statement(String)
        case words(String)
    }

    /// So many are named.
    private static let most = 10

    /// Nil: the rule is kept.
    func breach(_ db: Database, path: String) throws -> StoreFinding? {
        let rows = try Row.fetchCursor(db, sql: sql)
        var named: [String] = []
        var count = 0
        while let row = try rows.next() {
            count += 1
            if named.count < Self.most { named.append(Self.text(row[0])) }
        }
        guard count > 0 else { return nil }
        let more = count > named.count ? " and \(count - named.count) more" : ""
        return StoreFinding(verdict, name, "\(named.joined(separator: ", "))\(more): \(breach). \(advice(path))")
    }

    private static func text(_ value: DatabaseValue) -> String {
        switch value.storage {
        case .int64(let number): "\(number)"
        case .string(let text): text
        default: "?"
        }
    }

    private func advice(_ path: String) -> String {
        switch remedy {
        case .statement(let sql): "With the host stopped, after `berth backup`: sqlite3 \(path) \"\(sql)\"."
        case .words(let words): words
        }
    }
}
