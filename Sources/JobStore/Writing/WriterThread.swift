import Dispatch
import Foundation
import GRDB
import JobModel
import Logging
import Synchronization

/// The one thread that uses the writing connection, and the orders that wait for it.
final class WriterThread: Sendable {
    typealias Completion = @Sendable (Result<[Answer], StoreError>) -> Void

    enum Order: Sendable {
        case batch([Mutation], Completion)
        /// Something else to do with the connection, which writes as much as so many mutations; gets `.closed` instead
        /// when it comes too late.
        case access(worth: Int, @Sendable (Result<Database, StoreError>) -> Void)
    }

    private struct Inbox {
        var orders: [Order] = []
        var isClosed = false
    }

    private let inbox = Mutex(Inbox())
    private let wake = DispatchSemaphore(value: 0)
    private let finished = DispatchGroup()

    init(connection: DatabaseQueue, blobs: Blobs, logger: Logger) {
        finished.enter()
        let thread = Thread { self.work(on: connection, blobs, logger) }
        thread.name = "berth-store"
        thread.start()
    }

    func submit(_ order: Order) {
        let accepted = inbox.withLock { inbox in
            if !inbox.isClosed { inbox.orders.append(order) }
            return !inbox.isClosed
        }
        if accepted {
            wake.signal()
        } else {
            order.refuse()
        }
    }

    var isClosed: Bool { inbox.withLock { $0.isClosed } }

    func stopAccepting() {
        inbox.withLock { $0.isClosed = true }
    }

    /// Waits for what was submitted. Not to be called on the thread itself.
    func close() {
        stopAccepting()
        wake.signal()
        finished.wait()
    }

    private func work(on connection: DatabaseQueue, _ blobs: Blobs, _ logger: Logger) {
        let writer = BatchWriter(connection: connection, blobs: blobs, logger: logger)
        var pace = CheckpointPace()
        while let orders = next() {
            for order in orders {
                carryOut(order, writer, connection, &pace)
                checkpointIfDue(connection, &pace, logger)
            }
        }
        writer.forget()
        shut(connection, logger)
        finished.leave()
    }

    /// Nil when closed and everything was handed out.
    private func next() -> [Order]? {
        while true {
            wake.wait()
            let (orders, isClosed) = inbox.withLock { inbox in
                defer { inbox.orders = [] }
                return (inbox.orders, inbox.isClosed)
            }
            if !orders.isEmpty { return orders }
            if isClosed { return nil }
        }
    }

    private func carryOut(
        _ order: Order, _ writer: BatchWriter, _ connection: DatabaseQueue, _ pace: inout CheckpointPace
    ) {
        switch order {
        case .batch(let mutations, let completion):
            let result = writer.apply(mutations)
            pace.committed(mutations.count)
            completion(result)
        case .access(let worth, let body):
            connection.inDatabase { body(.success($0)) }
            if worth > 0 { pace.committed(worth) }
        }
    }

    /// After the answers are out: nobody waits for a checkpoint but the batch behind it.
    private func checkpointIfDue(_ connection: DatabaseQueue, _ pace: inout CheckpointPace, _ logger: Logger) {
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

    private func shut(_ connection: DatabaseQueue, _ logger: Logger) {
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

extension WriterThread.Order {
    fileprivate func refuse() {
        switch self {
        case .batch(_, let completion): completion(.failure(.closed))
        case .access(_, let body): body(.failure(.closed))
        }
    }
}
