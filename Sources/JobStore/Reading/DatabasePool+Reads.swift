import GRDB

extension DatabasePool {
    /// Not GRDB's own way to wait: its reads fail when their task is cancelled, which is no failure of the store.
    func finishedRead<Value: Sendable>(
        _ body: @escaping @Sendable (Database) throws -> Value
    ) async -> Result<Value, any Error> {
        await withCheckedContinuation { continuation in
            asyncRead { db in
                continuation.resume(returning: db.flatMap { db in Result { try body(db) } })
            }
        }
    }
}
