import GRDB
import JobModel
import Testing

@testable import JobStore

@Suite struct RunReaderTests {
    let home: TemporaryHome
    let store: JobStore

    init() throws {
        home = try TemporaryHome()
        store = try home.open()
    }

    private func insert(_ runs: some Sequence<RunRecord>) async throws {
        _ = try await store.apply(runs.map { .insert($0) })
    }

    @Test func `a lane is read page by page in its order`() async throws {
        let runs = (1...50).map { Sample.run(RunID($0), due: Int64(($0 * 7) % 5) - 2) }
        var foreign = Sample.run(99)
        foreign.priority = 1
        try await insert(runs + [foreign])
        let expected = runs.sorted { ($0.due, $0.id) < ($1.due, $1.id) }.map(\.id)
        for limit in [1, 3, 50, 51] {
            var place: LanePlace?
            var ids: [RunID] = []
            while true {
                let page = try await store.lane(Sample.lane, after: place, limit: limit)
                guard let last = page.last else { break }
                #expect(page.count <= limit)
                ids += page.map(\.id)
                place = LanePlace(due: last.due, id: last.id)
            }
            #expect(ids == expected)
        }
    }

    @Test func `what was made since an instant is found without a look at what is older`() async throws {
        // Ids with gaps; for a while the clock was an hour ahead, and for a while it had not been set at all.
        let times = (Int64(0)..<500).map { second in
            switch second {
            case 300..<310: second * 1_000_000 + 3_600_000_000
            case 310..<320: second
            default: second * 1_000_000
            }
        }
        try await insert(
            times.enumerated().map { index, time in
                var run = Sample.run(RunID(index * 3 + 1))
                run.createdAt = Instant(microseconds: time)
                return run
            })
        for second in [-1, 0, 1, 150, 299, 300, 305, 310, 319, 320, 321, 499, 500, 4_000] {
            let since = Instant(microseconds: Int64(second) * 1_000_000)
            let wanted = times.indices.filter { times[$0] >= since.microseconds }.map { RunID($0 * 3 + 1) }
            let found = try await store.runs(RunFilter(since: since, limit: 1_000))
            #expect(found.map(\.id).reversed() == wanted, "since \(second) s")
            let border = try await store.read { try RunReader($0, $1).border(of: since) }
            #expect(border <= wanted.first ?? .max)
            if second > 320, second < 500 { #expect(border == 901, "the first that the clock was ahead for") }
        }
        let query = RunQuery(RunFilter(since: Instant(microseconds: 1)), totals: [:], border: 7)
        let steps = try await store.onWriter { db in
            try Row.fetchAll(db, sql: "EXPLAIN QUERY PLAN \(query.sql)", arguments: query.arguments)
                .map { $0["detail"] as String }
        }
        #expect(steps.count == 1 && steps[0].contains("PRIMARY KEY (rowid>?)"), "\(steps)")
    }

    @Test func `the newest run of each job is found`() async throws {
        let runs = (1...6).map { id in
            var run = Sample.run(RunID(id), due: Int64(100 - id))
            run.jobName = ["a", "b", nil][id % 3]
            return run
        }
        try await insert(runs)
        let newest = try await store.newestRuns(ofJobs: ["a", "b", "c"])
        #expect(newest == ["a": runs[5], "b": runs[3]])
        #expect(try await store.newestRuns(ofJobs: []) == [:])
    }

    @Test func `the ends of time are places in a lane too`() async throws {
        var first = Sample.run(2)
        first.due = .distantPast
        var last = Sample.run(1)
        last.due = .distantFuture
        try await insert([last, first])
        #expect(try await store.lane(Sample.lane).map(\.id) == [2, 1])
        let end = LanePlace(due: .distantFuture, id: 1)
        #expect(try await store.lane(Sample.lane, after: end).isEmpty)
    }

    @Test func `a lane is read as the mutations before it left it`() async throws {
        let answers = try await store.words([
            .insert(Sample.run(1)), .insert(Sample.run(2)), Sample.start(1),
            .readLane(Sample.lane, after: nil, limit: 9), .unstart(1, number: 1),
            .readLane(Sample.lane, after: nil, limit: 9),
        ])
        #expect(answers[3] == "lane [2]")
        #expect(answers[5] == "lane [1, 2]")
    }

    @Test func `every filter lists what it says, whichever way it is read`() async throws {
        var random = SplitMix(seed: 3)
        var all: [RunRecord] = []
        for id in RunID(1)...200 {
            let state = try #require(RunState.allCases.randomElement(using: &random))
            var run = Sample.run(id)
            run.queue = Bool.random(using: &random) ? "default" : "slow"
            run.component = try #require(ComponentName(Bool.random(using: &random) ? "text/grep" : "chaos/loop"))
            run.jobName = Bool.random(using: &random) ? "nightly" : nil
            run.createdAt = Instant(microseconds: .random(in: 0...100, using: &random))
            _ = try await store.apply([.insert(run)] + Sample.making(id, state).dropFirst())
            all.append(try #require(try await store.run(id)))
        }
        for _ in 0..<200 {
            let filter = RunFilter.random(&random)
            let expected = Array(all.reversed().filter(filter.matches).prefix(filter.limit))
            #expect(try await store.runs(filter) == expected)
            let crowded = Dictionary(uniqueKeysWithValues: RunState.allCases.map { ($0, 1_000_000) })
            #expect(try await list(RunQuery(filter, totals: crowded)) == expected)
        }
    }

    private func list(_ query: RunQuery) async throws -> [RunRecord] {
        let (sql, arguments) = (query.sql, query.arguments)
        return try await store.onWriter { db in
            var names = Names()
            return try Row.fetchAll(db, sql: sql, arguments: arguments).map { try RunRow($0).record(&names, db) }
        }
    }

    @Test func `a list has at most a thousand runs and says so by its length`() async throws {
        try await insert((1...1_005).map { Sample.run(RunID($0)) })
        #expect(try await store.runs(RunFilter(limit: .max)).count == 1_000)
        #expect(try await store.runs(RunFilter(limit: -1)).isEmpty)
        #expect(try await store.runs(RunFilter(before: 3, limit: 10)).map(\.id) == [2, 1])
    }

    @Test func `the run that waits longest is found across lanes`() async throws {
        var urgent = Sample.run(1, due: 50)
        urgent.priority = 9
        var elsewhere = Sample.run(2, due: 1)
        elsewhere.queue = "slow"
        try await insert([urgent, elsewhere, Sample.run(3, due: 20), Sample.run(4, due: 20)])
        let now = Instant(microseconds: 60)
        #expect(try await store.oldestPending(queue: "default", at: now)?.id == 3)
        #expect(try await store.oldestPending(queue: "slow", at: now)?.id == 2)
        #expect(try await store.oldestPending(queue: "default", at: Instant(microseconds: 19)) == nil)
        #expect(try await store.oldestPending(queue: "none", at: now) == nil)
    }

    @Test func `the big reads are seeks`() async throws {
        let lane = "WHERE state = 0 AND open_children = 0 AND queue_id = 1 AND component_id = 1 AND priority = 0"
        let plans = [
            ("SELECT id FROM runs \(lane) AND due_at = 5 AND id > 7 ORDER BY id LIMIT 9", "ready"),
            ("SELECT id FROM runs \(lane) AND due_at > 5 ORDER BY due_at, id LIMIT 9", "ready"),
            (
                "SELECT job_id, count(*) FROM runs WHERE job_id IS NOT NULL AND state < 3 GROUP BY 1",
                "open_of_job"
            ),
            ("SELECT id FROM runs WHERE job_name = 'x' ORDER BY id DESC LIMIT 1", "of_job"),
            ("SELECT id FROM runs WHERE parent_id = 1 AND child_index >= 2 ORDER BY child_index", "children"),
            ("SELECT id FROM runs WHERE unique_key = 'x' AND state < 3", "unique_open"),
            ("SELECT id FROM runs WHERE state <> 0 AND state <> 3 AND state = 1 ORDER BY id", "unsettled"),
        ]
        for (sql, index) in plans {
            let steps = try await store.onWriter { db in
                try Row.fetchAll(db, sql: "EXPLAIN QUERY PLAN \(sql)").map { $0["detail"] as String }
            }
            #expect(steps.count == 1 && steps[0].contains("INDEX \(index)"), "\(sql): \(steps)")
        }
    }

    @Test func `pending runs of a queue are counted up to the limit`() async throws {
        var other = Sample.run(4)
        other.queue = "other"
        _ = try await store.apply(
            [.insert(Sample.run(1)), .insert(Sample.run(2)), .insert(Sample.run(3)), .insert(other), Sample.start(3)])
        #expect(try await store.pendingCount(queue: Sample.lane.queue, atMost: 10) == 2)
        #expect(try await store.pendingCount(queue: Sample.lane.queue, atMost: 1) == 1)
        #expect(try await store.pendingCount(queue: "other", atMost: 10) == 1)
        #expect(try await store.pendingCount(queue: "unknown", atMost: 10) == 0)
    }

    @Test func `a hundred thousand pending runs are no burden at the start`() async throws {
        for batch in 0..<100 {
            try await insert((1...1_000).map { Sample.run(RunID(batch * 1_000 + $0)) })
        }
        let state = try store.load()
        #expect(state.lanes == [Sample.lane])
        #expect(state.lastRunID == 100_000)
        let place = LanePlace(due: Instant(microseconds: 100), id: 99_998)
        #expect(try await store.lane(Sample.lane, after: place).map(\.id) == [99_999, 100_000])
        #expect(try await store.counts() == [.pending: 100_000])
    }
}

extension RunFilter {
    fileprivate static func random(_ random: inout SplitMix) -> RunFilter {
        var filter = RunFilter(limit: .random(in: 0...60, using: &random))
        if Bool.random(using: &random) {
            filter.states = Set(RunState.allCases.shuffled(using: &random).prefix(.random(in: 0...4, using: &random)))
        }
        if Int.random(in: 0..<3, using: &random) == 0 { filter.component = ComponentName("text/grep") }
        if Int.random(in: 0..<3, using: &random) == 0 { filter.queue = "slow" }
        if Int.random(in: 0..<3, using: &random) == 0 { filter.job = "nightly" }
        if Int.random(in: 0..<3, using: &random) == 0 { filter.since = Instant(microseconds: 50) }
        if Bool.random(using: &random) { filter.before = .random(in: 0...210, using: &random) }
        return filter
    }

    fileprivate func matches(_ run: RunRecord) -> Bool {
        (states?.contains(run.state) ?? true) && (component.map { $0 == run.component } ?? true)
            && (queue.map { $0 == run.queue } ?? true) && (job.map { $0 == run.jobName } ?? true)
            && (since.map { run.createdAt >= $0 } ?? true) && (before.map { run.id < $0 } ?? true)
    }
}
