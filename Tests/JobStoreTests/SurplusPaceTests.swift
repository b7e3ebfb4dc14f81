import GRDB
import JobModel
import Testing

@testable import JobStore

/// Looking for runs that are too many costs little where there is nothing new.
struct SurplusPaceTests {
    private let failed = SurplusPace.Subject(job: nil, state: .failed)

    @Test func `a look rests a hundred times as long as it took, and until something has ended`() {
        let pace = SurplusPace()
        let start = ContinuousClock.now
        #expect(pace.isDue(failed, ends: 5, at: start))
        pace.looked(failed, ends: 5, took: .seconds(2), at: start)
        #expect(!pace.isDue(failed, ends: 6, at: start + .seconds(199)))
        #expect(pace.isDue(failed, ends: 6, at: start + .seconds(200)))
        #expect(!pace.isDue(failed, ends: 5, at: start + .seconds(1_000)), "nothing has ended")
        #expect(pace.isDue(SurplusPace.Subject(job: "j", state: .failed), ends: 5, at: start))
        pace.begin(HistoryRules())
        #expect(pace.isDue(failed, ends: 5, at: start), "other rules")
    }

    @Test(arguments: [RunState.failed, .cancelled, .skipped, .expired])
    func `runs of no job that ended other than well are found by the index of those states`(state: RunState)
        async throws
    {
        let home = try TemporaryHome()
        let store = try home.open()
        _ = try await store.apply([.insert(Sample.run(1))])
        store.close()
        let plan = try home.inFile { db in
            let sql =
                "EXPLAIN QUERY PLAN SELECT id FROM runs \(HistoryReader.which(ofJob: nil, state)) "
                + "ORDER BY id DESC LIMIT 1 OFFSET 9"
            return try Row.fetchAll(db, sql: sql, arguments: ["name": nil, "state": state.rawValue])
                .map { $0["detail"] as String }
        }
        #expect(plan.contains { $0.contains("USING INDEX noteworthy (state=?)") }, "\(plan)")
        #expect(!plan.contains { $0.contains("TEMP B-TREE") }, "\(plan)")
    }

    @Test func `what was looked at is looked at again once more has ended`() async throws {
        let home = try TemporaryHome()
        let store = try home.open()
        let rules = HistoryRules(host: HistoryPolicy([.failed: HistoryPolicy.Keep(age: nil, count: 1)]))
        for id in RunID(1)...3 { _ = try await store.apply([.insert(Sample.run(id)), Sample.close(id, to: .failed)]) }
        let pace = SurplusPace()
        let now = Instant(microseconds: 1_000)
        #expect(try await store.prune(rules, now: now, pace: pace) == 2)
        #expect(try await store.run(3) != nil)
        _ = try await store.apply([.insert(Sample.run(4)), Sample.close(4, to: .failed)])
        // Without the pace of the look before, which may rest still.
        #expect(try await store.prune(rules, now: now) == 1)
        #expect(try await store.run(3) == nil)
    }
}
