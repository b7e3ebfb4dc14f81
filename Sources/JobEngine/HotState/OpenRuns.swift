import JobModel
import JobStore

/// The runs of one job that have not ended.
struct OpenRuns {
    /// Those of which an attempt was made, or is about to be, or a step before it.
    private(set) var started: Set<RunID> = []
    private(set) var waiting: Set<RunID> = []
    /// Attempts under way.
    var busy = 0

    init() {}

    init(_ runs: [OpenRun]) {
        for run in runs { add(run.id, hasStarted: run.hasStarted) }
    }

    var count: Int { started.count + waiting.count }
    func contains(_ run: RunID) -> Bool { started.contains(run) || waiting.contains(run) }
    var isEmpty: Bool { started.isEmpty && waiting.isEmpty }

    mutating func add(_ run: RunID, hasStarted: Bool) {
        if hasStarted { started.insert(run) } else { waiting.insert(run) }
    }

    mutating func remove(_ run: RunID) {
        if started.remove(run) == nil { waiting.remove(run) }
    }

    mutating func start(_ run: RunID) {
        busy += 1
        begin(run)
    }

    /// An attempt of it is about to be, or a step before it.
    mutating func begin(_ run: RunID) {
        if waiting.remove(run) != nil { started.insert(run) }
    }

    /// The attempt was not made after all.
    mutating func unstart(_ run: RunID) {
        if started.remove(run) != nil { waiting.insert(run) }
    }

    func all(before run: RunID) -> [RunID] { started.union(waiting).filter { $0 < run }.sorted() }
}
