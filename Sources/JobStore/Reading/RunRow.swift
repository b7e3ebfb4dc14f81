import Foundation
import GRDB
import JobModel

/// A row of `runs` and how it becomes a `RunRecord`. Values out of range are errors, not traps: the file is outside input.
struct RunRow {
    static let columns = """
        id, component_id, queue_id, job_id, job_name, source, state, priority, due_at, created_at, fire_at, unique_key, \
        params, policy_id, parent_id, root_id, starts, failures, crashes, interruptions, started_at, finished_at, \
        outcome, code, output, output_file, reason, stage, child_index, label, children, open_children, \
        traceparent, passed_from, passed_to, passed_count, tags, correlation, wanted_at, cause_id, depth, gate, actor, \
        instance, failed_children
        """

    private let row: Row

    init(_ row: Row) {
        self.row = row
    }

    var outputFile: String? { get throws { try row.decode(String?.self, atIndex: 25) } }

    /// An output in a file is left empty here.
    func record(_ names: inout Names, _ db: Database) throws -> RunRecord {
        var run = RunRecord(
            id: try row.decode(Int64.self, atIndex: 0),
            component: try names.component(row.decode(Int64.self, atIndex: 1), db),
            queue: try names.queue(row.decode(Int64.self, atIndex: 2), db),
            job: try optional(3), jobName: try row.decode(String?.self, atIndex: 4),
            source: try row.known(RunSource.init(rawValue:), 5), state: try row.known(RunState.init(rawValue:), 6),
            priority: try row.decode(Int.self, atIndex: 7), due: try row.instant(8), createdAt: try row.instant(9),
            fireAt: try row.instantIfAny(10), passedOver: try passedOver,
            uniqueKey: try row.decode(String?.self, atIndex: 11),
            params: try row.bytes(12), parent: try optional(14),
            root: try optional(15), counters: try counters, startedAt: try row.instantIfAny(20),
            finishedAt: try row.instantIfAny(21), outcome: try outcome, code: try small(23),
            output: try row.bytes(24), reason: try row.decode(String?.self, atIndex: 26),
            stage: try row.known(RunStage.init(rawValue:), 27), childIndex: try optional(28),
            label: try row.decode(String?.self, atIndex: 29), children: try row.decode(Int64.self, atIndex: 30),
            openChildren: try row.decode(Int64.self, atIndex: 31),
            givenTrace: try row.decode(String?.self, atIndex: 32),
            tags: RunTags(text: try row.decode(String?.self, atIndex: 36)),
            correlation: try row.decode(String?.self, atIndex: 37), wanted: try row.instantIfAny(38),
            cause: try optional(39), depth: try row.decode(Int.self, atIndex: 40),
            gate: try row.known(RunGate.init(rawValue:), 41), actor: try row.decode(String?.self, atIndex: 42),
            instance: try row.decode(String?.self, atIndex: 43))
        run.sharedPolicy = try names.policy(optional(13), db)
        run.failedChildren = try row.decode(Int64.self, atIndex: 44)
        return run
    }

    private var counters: RunCounters {
        get throws {
            try RunCounters(starts: small(16), failures: small(17), crashes: small(18), interruptions: small(19))
        }
    }

    private var passedOver: PassedOver? {
        get throws {
            guard let from = try row.instantIfAny(33) else { return nil }
            return PassedOver(from: from, to: try row.instant(34), count: try row.decode(Int.self, atIndex: 35))
        }
    }

    private var outcome: Outcome? {
        get throws {
            guard try optional(22) != nil else { return nil }
            return try row.known(Outcome.init(stored:), 22)
        }
    }

    private func optional(_ index: Int) throws -> Int64? { try row.decode(Int64?.self, atIndex: index) }
    private func small(_ index: Int) throws -> Int32 { try row.decode(Int32.self, atIndex: index) }
}

extension Row {
    /// No bytes for NULL.
    func bytes(_ index: Int) throws -> [UInt8] {
        try withUnsafeData(atIndex: index) { data in data.map { [UInt8]($0) } ?? [] }
    }

    /// A number that stands for a case; one that stands for none is an error.
    func known<Value>(_ make: (Int) -> Value?, _ index: Int) throws -> Value {
        let number = try decode(Int.self, atIndex: index)
        guard let value = make(number) else {
            throw StoreError.failed(reason: "the store holds \(number), which is no \(Value.self)")
        }
        return value
    }

    func instant(_ index: Int) throws -> Instant {
        Instant(microseconds: try decode(Int64.self, atIndex: index))
    }

    func instantIfAny(_ index: Int) throws -> Instant? {
        try decode(Int64?.self, atIndex: index).map { Instant(microseconds: $0) }
    }
}
