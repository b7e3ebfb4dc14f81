import Foundation
import GRDB
import JobModel
import Logging

/// What the writer's thread works with: its connection, and all that goes when that is replaced. Confined to the thread.
final class WritingEnd {
    private let file: DatabaseFile
    private let blobs: Blobs
    private let logger: Logger
    private var connection: DatabaseQueue
    private var writer: BatchWriter
    private var pace = CheckpointPace()
    /// Of the batch that failed. What was handed in behind it rests on it, so that nothing more is applied before
    /// whoever hands batches in has had the store opened anew and has read what is there.
    private var failure: StoreError?

    init(_ file: DatabaseFile, _ connection: DatabaseQueue, _ blobs: Blobs, _ logger: Logger) {
        self.file = file
        self.connection = connection
        self.blobs = blobs
        self.logger = logger
        writer = BatchWriter(connection: connection, blobs: blobs, logger: logger)
    }

    func carryOut(_ order: WriterThread.Order) {
        switch order {
        case .batch(let mutations, let completion):
            completion(apply(mutations))
        case .access(let worth, let body):
            connection.inDatabase { body(.success($0)) }
            guard worth > 0 else { break }
            pace.committed(worth)
            writer.forgetPolicies()
        case .reopen(let completion):
            completion(Result { () throws(StoreError) in try reopen() })
        }
        checkpointIfDue()
    }

    private func apply(_ mutations: [Mutation]) -> Result<[Answer], StoreError> {
        if let failure { return .failure(failure) }
        let result = writer.apply(mutations)
        pace.committed(mutations.count)
        if case .failure(let error) = result { failure = error }
        return result
    }

    /// After the answers are out: nobody waits for a checkpoint but the batch behind it.
    private func checkpointIfDue() {
        guard pace.isDue else { return }
        do {
            let (frames, done) = try connection.inDatabase { try $0.checkpoint(.passive) }
            pace.checkpointed(frames: frames)
            if frames > CheckpointPace.target * 16 {
                logger.warning("the write-ahead log grows", metadata: ["frames": "\(frames)", "moved": "\(done)"])
            }
        } catch {
            pace.checkpointed(frames: 0)
            logger.warning("checkpoint failed", metadata: ["reason": "\(StoreError(error).words)"])
        }
    }

    /// The old connection stays until the new one has shown that it works: nobody else could open one if there were no
    /// descriptors left. They are never at work at the same time.
    private func reopen() throws(StoreError) {
        // A file that is gone is not made anew: an empty store would look like one that works.
        guard FileCopy.exists(file.path) else { throw FileCopy.fault("find", file.path) }
        let fresh = try file.openWriter(.full)
        do {
            try FileCopy.makeFolder(blobs.folder)
            try Self.trial(fresh)
            try blobs.trial()
        } catch {
            try? fresh.close()
            throw StoreError(error)
        }
        writer.forget()
        try? connection.close()
        connection = fresh
        writer = BatchWriter(connection: fresh, blobs: blobs, logger: logger)
        pace = CheckpointPace()
        failure = nil
    }

    /// A commit that changes a page, after the log has given back what it took from a disk that may be full.
    private static func trial(_ connection: DatabaseQueue) throws {
        try connection.inDatabase { db in
            _ = try? db.checkpoint(.truncate)
            try db.execute(
                sql: "INSERT INTO marks VALUES ('reopened', 1) ON CONFLICT (name) DO UPDATE SET value = value + 1")
        }
    }

    func close() {
        writer.forget()
        do {
            _ = try connection.inDatabase { try $0.checkpoint(.truncate) }
        } catch {
            logger.warning("last checkpoint failed", metadata: ["reason": "\(StoreError(error).words)"])
        }
        do {
            try connection.close()
        } catch {
            logger.warning("the store did not close", metadata: ["reason": "\(StoreError(error).words)"])
        }
    }
}
