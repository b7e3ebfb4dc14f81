import GRDB
import JobModel

/// A filter as SQL. Lists walk the row ids downwards and stop when they have enough; where the wanted states are rare,
/// they walk the small indexes of those states instead.
struct RunQuery {
    static let maximumLimit = 1_000
    /// Up to this many runs in the wanted states are gathered and sorted rather than met on a walk.
    static let rare = 10_000

    private(set) var sql: String
    private(set) var arguments: StatementArguments

    /// `border`: no run with a lower id was made since the time that the filter names.
    init(_ filter: RunFilter, totals: [RunState: Int], border: RunID? = nil) {
        var conditions: [String] = []
        arguments = StatementArguments()
        sql = ""
        if let component = filter.component {
            conditions.append("component_id = (SELECT id FROM components WHERE name = ?)")
            arguments += [component.description]
        }
        if let queue = filter.queue {
            conditions.append("queue_id = (SELECT id FROM queues WHERE name = ?)")
            arguments += [queue]
        }
        func add(_ condition: String, _ value: (any DatabaseValueConvertible)?) {
            guard let value else { return }
            conditions.append(condition)
            arguments += [value]
        }
        add("parent_id = ?", filter.parent)
        add("cause_id = ?", filter.cause)
        add("job_name = ?", filter.job)
        add("correlation = ?", filter.correlation)
        add("unique_key = ?", filter.key)
        add("source = ?", filter.source?.rawValue)
        for tag in filter.tags { add("id IN (SELECT run_id FROM run_tags WHERE tag = ?)", tag) }
        add("actor = ?", filter.upstream.map { Dispatch.actor(of: $0) })
        add("instance = ?", filter.instance)
        add("outcome >= ?", filter.outcome?.stored.lowerBound)
        add("outcome <= ?", filter.outcome?.stored.upperBound)
        add("created_at >= ?", filter.since?.microseconds)
        add("created_at < ?", filter.until?.microseconds)
        add("id >= ?", border)
        add("id < ?", filter.before)
        if let states = filter.states {
            conditions.append(Self.condition(states, totals, isNarrow: filter.isNarrow))
        }
        let condition = conditions.isEmpty ? "" : "WHERE \(conditions.joined(separator: " AND "))"
        sql = "SELECT \(RunRow.columns) FROM runs \(condition) ORDER BY id DESC LIMIT ?"
        arguments += [min(max(filter.limit, 0), Self.maximumLimit)]
    }

    private static func condition(_ states: Set<RunState>, _ totals: [RunState: Int], isNarrow: Bool) -> String {
        let states = states.sorted { $0.rawValue < $1.rawValue }
        let count = states.reduce(0) { $0 + totals[$1, default: 0] }
        guard !isNarrow, !states.contains(.succeeded), count <= rare else {
            // The plus keeps the planner from the index of the states.
            return "+state IN (\(states.map { "\($0.rawValue)" }.joined(separator: ", ")))"
        }
        let branches = states.flatMap { state in
            state.indexed.map { "SELECT id FROM runs \($0) AND state = \(state.rawValue)" }
        }
        return "id IN (\(branches.isEmpty ? "NULL" : branches.joined(separator: " UNION ALL ")))"
    }
}

extension RunFilter {
    /// Few runs are left by an index of its own.
    fileprivate var isNarrow: Bool {
        job != nil || parent != nil || cause != nil || correlation != nil || key != nil || instance != nil
            || !tags.isEmpty
    }
}

extension RunState {
    /// The partial indexes that hold the runs of this state, with their conditions word for word: SQLite does not see by
    /// itself that 4 is neither 0 nor 3. There is none for the succeeded.
    fileprivate var indexed: [String] {
        switch self {
        case .pending:
            [
                "INDEXED BY ready WHERE state = 0 AND open_children = 0",
                "INDEXED BY waiting WHERE state = 0 AND open_children > 0",
            ]
        default: ["INDEXED BY unsettled WHERE state <> 0 AND state <> 3"]
        }
    }
}
