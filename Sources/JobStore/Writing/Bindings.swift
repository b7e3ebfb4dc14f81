import Foundation
import GRDB

/// The arguments of one execution, bound one after the other as they are added. GRDB's own way to pass arguments builds
/// two arrays per execution, which took more time than SQLite takes to insert a run.
struct Bindings: ~Copyable {
    private let handle: SQLiteStatement
    private var next: CInt = 1

    /// Resets the statement and clears what was bound before.
    init(_ statement: Statement) {
        // No arguments at all is what GRDB then believes in; those bound below stay bound.
        statement.setUncheckedArguments(StatementArguments())
        handle = statement.sqliteStatement
    }

    mutating func add(_ value: some BinaryInteger) throws {
        try bind(Int64(truncatingIfNeeded: value))
    }

    mutating func add(_ value: Int64?) throws {
        if let value { try bind(value) } else { skip() }
    }

    mutating func add(_ value: String?) throws {
        if let value { try bind(value) } else { skip() }
    }

    mutating func add(_ value: [UInt8]) throws {
        try bind(Data(value))
    }

    /// Leaves the next parameter NULL.
    mutating func skip() {
        next += 1
    }

    private mutating func bind(_ value: some StatementBinding) throws {
        let code = value.bind(to: handle, at: next)
        guard code == 0 else { throw DatabaseError(resultCode: ResultCode(rawValue: code)) }
        next += 1
    }
}

extension Statement {
    /// Executes with the arguments that `body` adds.
    @inline(__always)
    func run(_ body: (inout Bindings) throws -> Void) throws {
        var bindings = Bindings(self)
        try body(&bindings)
        try execute()
    }
}
