import GRDB

/// What can go wrong with the store.
package enum StoreError: Error, Hashable, Sendable {
    /// The folder or file cannot be opened or created.
    case cannotOpen(path: String, reason: String)
    /// The file belongs to another program.
    case notOurs(path: String)
    case newerSchema(path: String, found: Int, supported: Int)
    /// A write or read failed; nothing of the batch was applied.
    case failed(reason: String)
    /// As `failed`, and the machine is to blame: it may be put right, and then the store works again.
    case faulty(StoreFault, reason: String)
    case closed
}

extension StoreError {
    /// What SQLite, GRDB or the system threw, as a fact of ours.
    init(_ error: any Error) {
        self =
            switch error {
            case let error as StoreError: error
            case let error as DatabaseError:
                StoreFault(error).map { .faulty($0, reason: error.sentence) } ?? .failed(reason: error.sentence)
            default: .failed(reason: "\(error)")
            }
    }
}

extension DatabaseError {
    /// Without the statement and its arguments, which may hold other people's data.
    var sentence: String {
        "SQLite says \(message ?? "nothing") (code \(extendedResultCode.rawValue))"
    }
}
