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
        /// Something else to do with the connection, which prunes as much as so many mutations write; gets `.closed` instead
        /// when it comes too late.
        case access(worth: Int, @Sendable (Result<Database, StoreError>) -> Void)
        /// A new connection instead of the one there is, if it can write. Told on the thread.
        case reopen(@Sendable (Result<Void, StoreError>) -> Void)
    }

    private struct Inbox {
        var orders: [Order] = []
        var isClosed = false
    }

    private let inbox = Mutex(Inbox())
    private let wake = DispatchSemaphore(value: 0)
    private let finished = DispatchGroup()

    init(file: DatabaseFile, connection: DatabaseQueue, blobs: Blobs, logger: Logger) {
        finished.enter()
        let thread = Thread { self.work(with: WritingEnd(file, connection, blobs, logger)) }
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

    private func work(with end: WritingEnd) {
        while let orders = next() {
            for order in orders { end.carryOut(order) }
        }
        end.close()
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
}

extension WriterThread.Order {
    fileprivate func refuse() {
        switch self {
        case .batch(_, let completion): completion(.failure(.closed))
        case .access(_, let body): body(.failure(.closed))
        case .reopen(let completion): completion(.failure(.closed))
        }
    }
}
