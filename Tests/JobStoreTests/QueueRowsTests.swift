import GRDB
import JobModel
import Testing

@testable import JobStore

@Suite struct QueueRowsTests {
    let home: TemporaryHome
    let store: JobStore

    init() throws {
        home = try TemporaryHome()
        store = try home.open()
    }

    private func keyed(_ id: RunID, params: String = "{}") -> RunRecord {
        var run = Sample.run(id)
        run.uniqueKey = "k"
        run.params = Array(params.utf8)
        return run
    }

    @Test func `what a queue may do outlasts the host`() async throws {
        let settings = QueueSettings(leastSlots: 1, rate: RateLimit(text: "10/s"), maxPending: 100, aging: nil)
        let queue = QueueRecord(name: "mail", slots: 8, mode: .draining, settings: settings)
        let done = try await store.words([.putQueue(queue), .setLimit(Sample.component, atOnce: 3)])
        #expect(done == ["applied", "applied"])
        let start = try store.load()
        #expect(start.queues == [queue])
        #expect(start.limits == [Sample.component: 3])
    }

    @Test func `a taken key gives its run the new params while it is pending, in one transaction`() async throws {
        let answers = try await store.words([
            .insert(keyed(1, params: "1")), .insertOrReplace(keyed(2, params: "2")), Sample.start(1),
            .insertOrReplace(keyed(3, params: "3")), Sample.finish(1, to: .pending),
            .insertOrReplace(keyed(4, params: "4")), .insert(keyed(5)),
        ])
        #expect(
            answers == [
                "applied", "replaced 1", "applied", "duplicate 1", "applied", "replaced 1", "duplicate 1",
            ])
        #expect(try await store.run(1)?.params == Array("4".utf8))
        #expect(try await store.counts() == [.pending: 1])
    }

    @Test func `params are not put into a run of another component`() async throws {
        var foreign = keyed(2, params: "2")
        foreign.component = try #require(ComponentName("text/other"))
        let answers = try await store.words([.insert(keyed(1, params: "1")), .insertOrReplace(foreign)])
        #expect(answers == ["applied", "duplicate 1"])
        #expect(try await store.run(1)?.params == Array("1".utf8))
    }

    @Test func `params that were completed do not undo a replacement`() async throws {
        let answers = try await store.words([
            .insert(keyed(1, params: "old")), .insertOrReplace(keyed(2, params: "new")),
            .setParams(1, Array("old, complete".utf8), was: Array("old".utf8)),
        ])
        #expect(answers == ["applied", "replaced 1", "applied"])
        #expect(try await store.run(1)?.params == Array("new".utf8))
    }

    @Test func `pending runs are counted as they are at that point of the batch`() async throws {
        let answers = try await store.words([
            .insert(Sample.run(1)), .insert(Sample.run(2)), .countPending(queue: "default", atMost: 10),
            Sample.start(1),
            .countPending(queue: "default", atMost: 10), .insert(Sample.run(3)),
            .countPending(queue: "default", atMost: 1), .countPending(queue: "none", atMost: 5),
        ])
        #expect(answers.filter { $0.hasPrefix("count") } == ["count 2", "count 1", "count 1", "count 0"])
    }

    @Test func `tags, correlation and the time that was wanted are kept, and tags go with their run`() async throws {
        var run = Sample.run(1)
        run.tags = try #require(RunTags(["nightly", "team:a"]))
        run.correlation = "order 7"
        run.wanted = Instant(microseconds: 90)
        #expect(try await store.words([.insert(run)]) == ["applied"])
        #expect(try await store.run(1) == run)
        store.close()
        try home.inFile { db in
            #expect(try Int.fetchOne(db, sql: "SELECT count(*) FROM run_tags") == 2)
            try db.execute(sql: "DELETE FROM runs")
            #expect(try Int.fetchOne(db, sql: "SELECT count(*) FROM run_tags") == 0)
        }
    }
}
