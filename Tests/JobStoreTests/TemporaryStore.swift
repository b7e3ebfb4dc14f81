import Foundation
import GRDB
import JobModel
import Logging
import Synchronization

@testable import JobStore

/// A home folder of its own for a test, gone with it.
final class TemporaryHome: Sendable {
    let path: String

    init() throws {
        path = "\(NSTemporaryDirectory())/berth-store-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }

    deinit {
        try? FileManager.default.removeItem(atPath: path)
    }

    func open() throws -> JobStore {
        try JobStore(home: path, logger: quietLogger)
    }

    /// Looks into or changes the file while no store has it open.
    func inFile<Value>(_ name: String = "berth.db", _ body: (Database) throws -> Value) throws -> Value {
        let queue = try DatabaseQueue(path: "\(path)/\(name)")
        defer { try? queue.close() }
        return try queue.inDatabase(body)
    }
}

var quietLogger: Logger {
    var logger = Logger(label: "test")
    logger.logLevel = .critical
    return logger
}

extension JobStore {
    func apply(_ batch: [Mutation]) async throws -> [Answer] {
        let result = await withCheckedContinuation { continuation in
            submit(batch) { continuation.resume(returning: $0) }
        }
        return try result.get()
    }

    /// The words of the answers of a batch.
    func words(_ batch: [Mutation]) async throws -> [String] {
        try await apply(batch).map(\.word)
    }

    func lane(_ lane: LaneKey, after place: LanePlace? = nil, limit: Int = 100) async throws -> [RunRecord] {
        guard case .lane(let runs)? = try await apply([.readLane(lane, after: place, limit: limit)]).first else {
            return []
        }
        return runs
    }
}

extension Answer {
    var word: String {
        switch self {
        case .applied: "applied"
        case .released(let parent): "released \(parent.id)"
        case .appliedToFamily(let children): "applied to \(children)"
        case .grown(let first): "grown from \(first)"
        case .state(let state): "\(state)"
        case .duplicate(let id): "duplicate \(id)"
        case .replaced(let run): "replaced \(run.id)"
        case .count(let count): "count \(count)"
        case .refused: "refused"
        case .lane(let runs): "lane \(runs.map(\.id))"
        }
    }
}

/// What tests store unless they care.
enum Sample {
    static let component: ComponentName = {
        guard let name = ComponentName("text/wordcount") else { preconditionFailure("not a component's name") }
        return name
    }()
    static let lane = LaneKey(queue: "default", component: component, priority: 0)

    static func run(_ id: RunID, due: Int64 = 100) -> RunRecord {
        RunRecord(
            id: id, component: component, queue: "default", due: Instant(microseconds: due),
            createdAt: Instant(microseconds: 1), params: Array("{}".utf8))
    }

    static func end(_ outcome: Outcome = .succeeded, output: [UInt8] = [], message: String? = nil) -> AttemptEnd {
        AttemptEnd(
            outcome: outcome, message: message, output: output, startedAt: Instant(microseconds: 10),
            finishedAt: Instant(microseconds: 20), guest: 7, cpu: .microseconds(3))
    }

    static func finish(
        _ id: RunID, _ number: Int32 = 1, to state: RunState = .succeeded, end: AttemptEnd = end()
    ) -> Mutation {
        .finish(
            Finish(
                attempt: AttemptRecord(run: id, number: number, end: end), state: state,
                due: Instant(microseconds: 100), counters: RunCounters(starts: number)))
    }

    static func start(_ id: RunID, _ number: Int32 = 1) -> Mutation {
        .start(id, number: number, at: Instant(microseconds: 9))
    }

    static func close(_ id: RunID, to state: RunState = .cancelled) -> Mutation {
        .close(id, to: state, at: Instant(microseconds: 30), actor: "cli", reason: "no longer wanted")
    }

    static func reopen(_ id: RunID) -> Mutation {
        .reopen(id, due: Instant(microseconds: 40), at: Instant(microseconds: 35), actor: "api", reason: "fixed")
    }

    static func job(_ id: JobID, _ name: String, component: String = "text/wordcount") -> JobRecord {
        JobRecord(
            id: id, definition: JobDefinition(name: name, component: component), source: "file",
            anchor: Instant(microseconds: 1), createdAt: Instant(microseconds: 2))
    }

    /// The mutations that bring a new run into a state.
    static func making(_ id: RunID, _ state: RunState) -> [Mutation] {
        switch state {
        case .pending: [.insert(run(id))]
        case .running: [.insert(run(id)), start(id)]
        case .held, .succeeded, .failed: [.insert(run(id)), start(id), finish(id, to: state)]
        case .cancelled, .skipped, .expired: [.insert(run(id)), close(id, to: state)]
        }
    }
}

/// Ids in the order they came, from any thread.
final class Log: Sendable {
    private let kept = Mutex<[RunID]>([])

    var ids: [RunID] { kept.withLock { $0 } }

    func add(_ id: RunID) {
        kept.withLock { $0.append(id) }
    }
}
