import GRDB
import JobModel
import Testing

@testable import JobStore

@Suite struct StartStateTests {
    let home: TemporaryHome
    let store: JobStore

    init() throws {
        home = try TemporaryHome()
        store = try home.open()
    }

    @Test func `an empty store starts from nothing`() throws {
        let state = try store.load()
        #expect(state.lastRunID == 0)
        #expect(state.lastJobID == 0)
        #expect(state.jobs.isEmpty && state.queues.isEmpty && state.lanes.isEmpty && state.running.isEmpty)
        #expect(state.openRuns.isEmpty)
    }

    @Test func `ids never go back, though rows go`() async throws {
        _ = try await store.apply([.insert(Sample.run(9)), .insert(Sample.run(3)), .putJob(Sample.job(4, "nightly"))])
        _ = try await store.apply([.deleteJob(4)])
        try await store.onWriter { try $0.execute(sql: "DELETE FROM runs") }
        #expect(try store.load().lastRunID == 9)
        store.close()
        let again = try home.open()
        _ = try await again.apply([.insert(Sample.run(5))])
        let state = try again.load()
        #expect(state.lastRunID == 9)
        #expect(state.lastJobID == 4)
    }

    @Test func `lanes are those with pending runs, and no others`() async throws {
        var expected: Set<LaneKey> = []
        var batch: [Mutation] = []
        for (number, queue) in ["default", "slow", "other"].enumerated() {
            for (place, name) in ["text/wordcount", "text/grep", "chaos/loop"].enumerated() {
                for priority in [-3, 0, 5, Int.max, Int.min] {
                    var run = Sample.run(RunID(batch.count + 1))
                    run.component = try #require(ComponentName(name))
                    run.queue = queue
                    run.priority = priority
                    batch.append(.insert(run))
                    if (number + place + batch.count).isMultiple(of: 2) {
                        expected.insert(LaneKey(queue: queue, component: run.component, priority: priority))
                    } else {
                        batch.append(Sample.close(run.id))
                    }
                }
            }
        }
        _ = try await store.apply(batch)
        let lanes = try store.load().lanes
        #expect(Set(lanes) == expected)
        #expect(lanes.count == expected.count)
    }

    @Test func `running runs and open runs per job are found`() async throws {
        var batch: [Mutation] = []
        for (id, state) in zip(RunID(1)..., RunState.allCases) {
            var making = Sample.making(id, state)
            var run = Sample.run(id)
            run.job = id.isMultiple(of: 2) ? 2 : 1
            making[0] = .insert(run)
            batch += making
        }
        _ = try await store.apply(batch)
        let state = try store.load()
        #expect(state.running.map(\.id) == [2])
        #expect(state.openRuns == [1: 2, 2: 1])
    }

    @Test func `jobs keep what only the host knows`() async throws {
        _ = try await store.apply([
            .putJob(Sample.job(1, "nightly")), .setJobPaused(1, true), .setWatermark(1, Instant(microseconds: 50)),
        ])
        var changed = Sample.job(2, "nightly", component: "text/grep")
        changed.definition.policy = RunPolicy(timeout: nil)
        changed.definition.schedule = .cron("*/5 * * * *", zone: "Europe/Berlin")
        changed.source = "api"
        changed.anchor = Instant(microseconds: 60)
        changed.createdAt = Instant(microseconds: 70)
        _ = try await store.apply([.putJob(changed)])
        let job = try #require(try store.load().jobs.first)
        #expect(job.id == 1)
        #expect(job.definition == changed.definition)
        #expect(job.source == "api")
        #expect(job.paused)
        #expect(job.watermark == Instant(microseconds: 50))
        #expect(job.anchor == Instant(microseconds: 60))
        #expect(job.createdAt == Instant(microseconds: 2))
    }

    @Test func `watermarks move forward, and back after the clock was ahead`() async throws {
        let words = try await store.words([
            .putJob(Sample.job(1, "nightly")), .setWatermark(1, Instant(microseconds: 50)),
            .setWatermark(1, Instant(microseconds: 49)), .setWatermark(2, Instant(microseconds: 50)),
        ])
        #expect(words == ["applied", "applied", "applied", "refused"])
        #expect(try store.load().jobs.first?.watermark == Instant(microseconds: 49))
    }

    @Test func `changes of jobs that are not there are refused`() async throws {
        let words = try await store.words([
            .setJobPaused(1, true), .deleteJob(1), .putJob(Sample.job(1, "a")), .putJob(Sample.job(1, "b")),
            .deleteJob(1), .deleteJob(1),
        ])
        #expect(words == ["refused", "refused", "applied", "refused", "applied", "refused"])
    }

    @Test func `a deleted job leaves its runs`() async throws {
        var run = Sample.run(1)
        run.job = 1
        run.jobName = "nightly"
        _ = try await store.apply([.putJob(Sample.job(1, "nightly")), .insert(run), .deleteJob(1)])
        #expect(try await store.runs(RunFilter(job: "nightly")) == [run])
    }

    @Test func `queues are those that were put, not those that runs mention`() async throws {
        _ = try await store.apply([
            .insert(Sample.run(1)), .putQueue(QueueRecord(name: "slow", slots: 1, paused: true)),
        ])
        #expect(try store.load().queues == [QueueRecord(name: "slow", slots: 1, paused: true)])
        _ = try await store.apply([.putQueue(QueueRecord(name: "default", slots: 4))])
        #expect(try store.load().queues.map(\.name) == ["default", "slow"])
        #expect(try await store.lane(Sample.lane).map(\.id) == [1])
    }

    @Test func `a definition stored by the first version is read with the defaults of what came later`() async throws {
        let home = try TemporaryHome()
        let store = try home.open()
        _ = try await store.apply([.putJob(Sample.job(1, "nightly"))])
        let old = #"""
            {"component":"demo/echo","description":"","enabled":true,"name":"nightly","overlap":"allow","params":"{}",
            "policy":{"access":{"read":[],"write":[]},"onUnknown":"rerun","retry":{"attempts":3,"crashes":3,
            "delay":{"exponential":{"cap":[195,2884905626637434880],"first":[0,5000000000000000000]}}},
            "timeout":[16,4852094820647174144]},"priority":0,"queue":"default","schedule":{"none":{}}}
            """#
        try await store.onWriter { try $0.execute(sql: "UPDATE jobs SET definition = ?", arguments: [old]) }
        let definition = try #require(try store.load().jobs.first).definition
        #expect(definition == JobDefinition(name: "nightly", component: "demo/echo", overlap: .allow(nil)))
        store.close()
    }

    @Test func `a definition that is garbage is an error that names the job`() async throws {
        _ = try await store.apply([.putJob(Sample.job(1, "nightly"))])
        try await store.onWriter { try $0.execute(sql: "UPDATE jobs SET definition = '{\"name\": 7'") }
        #expect {
            try store.load()
        } throws: { error in
            guard case StoreError.failed(let reason) = error else { return false }
            return reason.contains("job nightly")
        }
    }
}
