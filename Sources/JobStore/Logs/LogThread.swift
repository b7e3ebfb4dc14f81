import Dispatch
import Foundation
import GRDB
import JobModel
import Logging
import Synchronization

/// The one thread that writes `logs.db`. Sleeps without a timer while there is nothing to write.
final class LogThread: Sendable {
    /// How long a line may wait.
    private static let delay = DispatchTimeInterval.milliseconds(100)

    private struct Inbox {
        var buffer = LogBuffer()
        /// Runs whose lines are to go.
        var forgotten: [RunID] = []
        /// Readers that wait for what is in the buffer.
        var flushes: [CheckedContinuation<Bool, Never>] = []
        var isClosed = false

        var isEmpty: Bool { buffer.isEmpty && forgotten.isEmpty }
        var isUrgent: Bool { isClosed || !flushes.isEmpty || buffer.isHalfFull }
    }

    private let inbox = Mutex(Inbox())
    private let wake = DispatchSemaphore(value: 0)
    private let finished = DispatchGroup()

    init(connection: DatabaseQueue, logger: Logger) {
        finished.enter()
        let thread = Thread { self.work(on: connection, logger) }
        thread.name = "berth-logs"
        thread.start()
    }

    var isClosed: Bool { inbox.withLock { $0.isClosed } }

    func append(_ lines: [LogLine]) {
        let needsWake = inbox.withLock { inbox in
            guard !inbox.isClosed else { return false }
            let before = (inbox.isEmpty, inbox.isUrgent)
            for line in lines { inbox.buffer.append(line) }
            return before != (inbox.isEmpty, inbox.isUrgent)
        }
        if needsWake { wake.signal() }
    }

    func forget(_ runs: [RunID]) {
        inbox.withLock { $0.forgotten += runs }
        wake.signal()
    }

    /// Returns when everything appended before is written; false when closed.
    func flush() async -> Bool {
        await withCheckedContinuation { continuation in
            let isWaiting = inbox.withLock { inbox in
                if !inbox.isClosed { inbox.flushes.append(continuation) }
                return !inbox.isClosed
            }
            if isWaiting {
                wake.signal()
            } else {
                continuation.resume(returning: false)
            }
        }
    }

    func close() {
        inbox.withLock { $0.isClosed = true }
        wake.signal()
        finished.wait()
    }

    private func work(on connection: DatabaseQueue, _ logger: Logger) {
        var pace = CheckpointPace()
        var isOpen = true
        // What could not go stays on the list until something is written again.
        var forgotten: [RunID] = []
        while isOpen {
            waitForWork()
            let (groups, flushes, isClosed) = inbox.withLock { inbox in
                defer {
                    inbox.flushes = []
                    inbox.forgotten = []
                }
                forgotten += inbox.forgotten
                return (inbox.buffer.take(), inbox.flushes, inbox.isClosed)
            }
            if write(groups, without: forgotten, on: connection, logger) {
                pace.committed(groups.count + forgotten.count)
                forgotten = []
            }
            if pace.isDue { checkpoint(connection, &pace, logger) }
            for flush in flushes { flush.resume(returning: true) }
            isOpen = !isClosed
        }
        try? connection.close()
        finished.leave()
    }

    /// Until something must be written at once, or the first waiting line has waited long enough.
    private func waitForWork() {
        while inbox.withLock({ $0.isEmpty && !$0.isUrgent }) {
            wake.wait()
        }
        let deadline = DispatchTime.now() + Self.delay
        while !inbox.withLock({ $0.isUrgent }) {
            if wake.wait(timeout: deadline) == .timedOut { return }
        }
    }

    /// False: nothing of it was written.
    private func write(
        _ groups: [(run: RunID, lines: [LogLine])], without forgotten: [RunID], on connection: DatabaseQueue,
        _ logger: Logger
    ) -> Bool {
        guard !groups.isEmpty || !forgotten.isEmpty else { return true }
        do {
            try connection.inDatabase { db in
                try db.inTransaction(.immediate) {
                    for group in groups { try db.insertChunks(of: group.run, group.lines) }
                    for run in forgotten { try db.deleteChunks(of: run) }
                    return .commit
                }
            }
            return true
        } catch {
            let lost = groups.reduce(0) { $0 + $1.lines.count }
            logger.error(
                lost > 0 ? "log lines were lost" : "log lines of pruned runs are still there",
                metadata: ["lines": "\(lost)", "reason": "\(StoreError(error).words)"])
            return false
        }
    }

    private func checkpoint(_ connection: DatabaseQueue, _ pace: inout CheckpointPace, _ logger: Logger) {
        do {
            pace.checkpointed(frames: try connection.inDatabase { try $0.checkpoint(.passive) }.walFrameCount)
        } catch {
            pace.checkpointed(frames: 0)
            logger.warning("checkpoint of the logs failed", metadata: ["reason": "\(StoreError(error).words)"])
        }
    }
}

extension Database {
    fileprivate func deleteChunks(of run: RunID) throws {
        try cachedStatement(sql: "DELETE FROM chunks WHERE run_id = ?").execute(arguments: [run])
    }

    fileprivate func insertChunks(of run: RunID, _ lines: [LogLine]) throws {
        let insert = try cachedStatement(sql: "INSERT INTO chunks (run_id, lines) VALUES (?, ?)")
        var rest = lines[...]
        while !rest.isEmpty {
            try insert.run { bindings in
                try bindings.add(run)
                try bindings.add(LogChunk.encode(rest.prefix(LogChunk.capacity)))
            }
            rest = rest.dropFirst(LogChunk.capacity)
        }
    }
}
