import GRDB
import JobModel

/// What a batch changes in the totals and marks, gathered in memory and written once at its end.
struct RunTotals {
    private var changes: [Int64] = Array(repeating: 0, count: RunState.allCases.count)
    private var highestRun: RunID = 0
    private var highestJob: JobID = 0

    mutating func inserted(_ id: RunID, _ state: RunState) {
        changes[state.rawValue] += 1
        highestRun = max(highestRun, id)
    }

    mutating func moved(_ from: RunState, _ to: RunState) {
        changes[from.rawValue] -= 1
        changes[to.rawValue] += 1
    }

    mutating func removed(_ state: RunState) {
        changes[state.rawValue] -= 1
    }

    mutating func insertedJob(_ id: JobID) {
        highestJob = max(highestJob, id)
    }

    func write(_ db: Database) throws {
        for (state, change) in changes.enumerated() where change != 0 {
            let update = try db.cachedStatement(sql: "UPDATE totals SET runs = runs + ? WHERE state = ?")
            try update.run { bindings in
                try bindings.add(change)
                try bindings.add(state)
            }
        }
        try write(highestRun, mark: "run", db)
        try write(highestJob, mark: "job", db)
    }

    private func write(_ id: Int64, mark: String, _ db: Database) throws {
        guard id > 0 else { return }
        let update = try db.cachedStatement(sql: "UPDATE marks SET value = ? WHERE name = ? AND value < ?")
        try update.run { bindings in
            try bindings.add(id)
            try bindings.add(mark)
            try bindings.add(id)
        }
    }
}
