import GRDB
import JobModel
import Testing

@testable import JobStore

@Suite struct RunChangesTests {
    let home: TemporaryHome
    let store: JobStore

    init() throws {
        home = try TemporaryHome()
        store = try home.open()
    }

    /// What each mutation may leave; everything else must be refused.
    static let allowed: [(name: String, from: Set<RunState>, make: @Sendable (RunID) -> Mutation)] = [
        ("start", [.pending], { Sample.start($0) }),
        ("unstart", [.running], { .unstart($0, number: 1) }),
        ("finish", [.running], { Sample.finish($0) }),
        ("close", [.pending, .held], { Sample.close($0) }),
        ("reopen", [.held, .failed, .cancelled, .skipped, .expired], { Sample.reopen($0) }),
    ]

    @Test func `every mutation is refused in every state it does not leave`() async throws {
        var id: RunID = 0
        for (name, from, make) in Self.allowed {
            for state in RunState.allCases {
                id += 1
                _ = try await store.apply(Sample.making(id, state))
                let attempts = try await store.attempts(of: id).count
                let words = try await store.words([make(id)])
                let yes = name == "reopen" ? "replaced \(id)" : "applied"
                #expect(words == [from.contains(state) ? yes : "refused"], "\(name) of a run that is \(state)")
                if !from.contains(state) {
                    #expect(try await store.run(id)?.state == state)
                    #expect(try await store.attempts(of: id).count == attempts)
                }
            }
        }
        #expect(try await countsAreTrue())
    }

    @Test func `mutations of runs that do not exist are refused`() async throws {
        let words = try await store.words(Self.allowed.map { $0.make(99) })
        #expect(words == Array(repeating: "refused", count: 5))
    }

    @Test func `a stale start number is refused`() async throws {
        let words = try await store.words([
            .insert(Sample.run(1)), Sample.start(1, 2), Sample.start(1, 1), Sample.finish(1, 2), .unstart(1, number: 2),
            Sample.finish(1, 1), Sample.finish(1, 1),
        ])
        #expect(words == ["applied", "refused", "applied", "refused", "refused", "applied", "refused"])
        #expect(try await store.attempts(of: 1).map(\.number) == [1])
    }

    @Test func `a refused mutation leaves the rest of its batch`() async throws {
        let words = try await store.words([.insert(Sample.run(1)), Sample.start(7), .insert(Sample.run(2))])
        #expect(words == ["applied", "refused", "applied"])
        #expect(try await store.runs(RunFilter()).map(\.id) == [2, 1])
    }

    @Test func `a run comes back as it was stored`() async throws {
        var run = Sample.run(5)
        run.job = 3
        run.jobName = "nightly"
        run.source = .schedule
        run.priority = -4
        run.fireAt = Instant(microseconds: 77)
        run.uniqueKey = "once"
        run.params = [0, 255, 0]
        run.policy = RunPolicy(timeout: nil, access: FileAccess(read: ["/a"], write: ["/b/ü"]))
        run.parent = 2
        run.root = 1
        _ = try await store.apply([.insert(run)])
        #expect(try await store.run(5) == run)
        #expect(try await store.lane(LaneKey(queue: "default", component: Sample.component, priority: -4)) == [run])
    }

    @Test func `an attempt comes back as it was stored`() async throws {
        var end = Sample.end(.crashed(.memoryFault), message: "SIGSEGV")
        end.code = -3
        end.retryAfter = .seconds(2)
        end.metrics = ["rows.read": 42, "lowest": .min]
        end.evidence = Evidence(
            signal: "SIGSEGV", breadcrumb: "row \"7\"", steps: [EndingStep(.asked, at: Instant(microseconds: 4))])
        _ = try await store.apply([
            .insert(Sample.run(1)), Sample.start(1), Sample.finish(1, to: .pending, end: end),
        ])
        #expect(try await store.attempts(of: 1) == [AttemptRecord(run: 1, number: 1, end: end)])
        let run = try #require(try await store.run(1))
        #expect(run.outcome == .crashed(.memoryFault))
        #expect(run.reason == "SIGSEGV")
    }

    @Test func `a unique key is free again when its run has ended`() async throws {
        var first = Sample.run(1)
        first.uniqueKey = "k"
        for (id, state) in zip(RunID(1)..., [RunState.pending, .running, .held]) {
            let other = Sample.run(id + 100)
            var twin = other
            twin.uniqueKey = "k\(id)"
            var held = Sample.run(id)
            held.uniqueKey = "k\(id)"
            _ = try await store.apply([.insert(held)] + Sample.making(id, state).dropFirst())
            #expect(try await store.words([.insert(twin)]) == ["duplicate \(id)"])
        }
        _ = try await store.apply([Sample.close(1), Sample.finish(2), Sample.close(3)])
        let again = (1...3).map { id in
            var run = Sample.run(RunID(id) + 200)
            run.uniqueKey = "k\(id)"
            return Mutation.insert(run)
        }
        #expect(try await store.words(again) == ["applied", "applied", "applied"])
        #expect(try await store.words([Sample.reopen(1)]) == ["refused"], "its key has gone to run 201")
    }

    @Test func `a job fires once for each planned instant`() async throws {
        var run = Sample.run(1)
        run.job = 1
        run.fireAt = Instant(microseconds: 500)
        var twin = run
        twin.id = 2
        var other = run
        other.id = 3
        other.job = 2
        let words = try await store.words([
            .insert(run), .insert(twin), .insert(other), Sample.start(1), Sample.finish(1),
        ])
        #expect(words == ["applied", "refused", "applied", "applied", "applied"])
        #expect(try await store.words([.insert(twin)]) == ["refused"], "even after the first has ended")
    }

    @Test func `an id is used once`() async throws {
        #expect(try await store.words([.insert(Sample.run(1)), .insert(Sample.run(1))]) == ["applied", "refused"])
    }

    @Test func `what was sent ahead goes back to its old place`() async throws {
        _ = try await store.apply([
            .insert(Sample.run(1, due: 5)), .insert(Sample.run(2, due: 5)), .insert(Sample.run(3, due: 1)),
            Sample.start(1), .unstart(1, number: 1),
        ])
        #expect(try await store.lane(Sample.lane).map(\.id) == [3, 1, 2])
        #expect(try await store.run(1) == Sample.run(1, due: 5))
    }

    @Test func `reopening forgives failures and crashes and keeps starts`() async throws {
        let finish = Finish(
            attempt: AttemptRecord(run: 1, number: 1, end: Sample.end(.failed(retryable: true), message: "no")),
            state: .failed, due: Instant(microseconds: 100),
            counters: RunCounters(starts: 1, failures: 1, crashes: 2, interruptions: 3))
        _ = try await store.apply([.insert(Sample.run(1)), Sample.start(1), .finish(finish), Sample.reopen(1)])
        let run = try #require(try await store.run(1))
        #expect(run.state == .pending)
        #expect(run.counters == RunCounters(starts: 1, failures: 0, crashes: 0, interruptions: 3))
        #expect(run.due == Instant(microseconds: 40))
        #expect(try await store.words([Sample.start(1, 2), Sample.finish(1, 2)]) == ["applied", "applied"])
    }

    @Test func `closing, reopening and holding leave a trace`() async throws {
        _ = try await store.apply([.insert(Sample.run(1)), Sample.close(1), Sample.reopen(1), Sample.start(1)])
        _ = try await store.apply([Sample.finish(1, to: .held, end: Sample.end(.timedOut, message: "who knows"))])
        let trace = try await store.transitions(of: 1)
        #expect(trace.map(\.from) == [.pending, .cancelled, .running])
        #expect(trace.map(\.to) == [.cancelled, .pending, .held])
        #expect(trace.map(\.actor) == ["cli", "api", "host"])
        #expect(trace.map(\.at.microseconds) == [30, 35, 20], "when it was asked for, not when it is due")
        #expect(trace.map(\.reason) == ["no longer wanted", "fixed", "who knows"])
    }

    @Test(arguments: [Blobs.threshold, Blobs.threshold + 1, 1_000_000])
    func `an output of any size comes back`(size: Int) async throws {
        let output = (0..<size).map { UInt8(truncatingIfNeeded: $0 &* 31) }
        _ = try await store.apply([
            .insert(Sample.run(1)), Sample.start(1), Sample.finish(1, end: Sample.end(output: output)),
            Sample.finish(1, end: Sample.end(output: Array(repeating: 0, count: size))),
        ])
        #expect(try await store.run(1)?.output == output, "a second end must not replace the first")
    }

    @Test func `a unique key with a NUL is refused rather than cut`() async throws {
        var first = Sample.run(1)
        first.uniqueKey = "a\u{0}b"
        var second = Sample.run(2)
        second.uniqueKey = "a"
        #expect(try await store.words([.insert(first), .insert(second)]) == ["refused", "applied"])
    }

    @Test func `an overlap skip is stored as it is`() async throws {
        var run = Sample.run(1)
        run.state = .skipped
        run.reason = "the run before it has not ended"
        run.finishedAt = Instant(microseconds: 8)
        var running = Sample.run(2)
        running.state = .running
        #expect(try await store.words([.insert(run), .insert(running)]) == ["applied", "refused"])
        #expect(try await store.run(1) == run)
    }

    @Test func `a row about missed instants names them all and bars none`() async throws {
        var row = Sample.run(1)
        row.job = 3
        row.state = .skipped
        row.finishedAt = Instant(microseconds: 8)
        row.passedOver = PassedOver(from: Instant(microseconds: 500), to: Instant(microseconds: 700), count: 3)
        var run = Sample.run(2)
        run.job = 3
        run.fireAt = Instant(microseconds: 700)
        #expect(try await store.words([.insert(row), .insert(run)]) == ["applied", "applied"])
        #expect(try await store.run(1) == row)
        #expect(try await store.run(2) == run)
    }

    /// Neither has anything been fired without the watermark, nor does the watermark move without the run.
    @Test func `a fire and its watermark are one batch, refused fires included`() async throws {
        var run = Sample.run(1)
        run.job = 1
        run.fireAt = Instant(microseconds: 500)
        var again = run
        again.id = 2
        _ = try await store.apply([.putJob(Sample.job(1, "nightly"))])
        #expect(
            try await store.words([.setWatermark(1, Instant(microseconds: 500)), .insert(run), .insert(again)])
                == ["applied", "applied", "refused"])
        #expect(try store.load().jobs.first?.watermark == Instant(microseconds: 500))
        #expect(try store.load().openRuns == [1: [OpenRun(id: 1, hasStarted: false)]])
    }

    @Test func `what a clock that was ahead put off is recalled, and nothing else`() async throws {
        let hour: Int64 = 3_600_000_000
        let now = Instant(microseconds: 10 * hour)
        func pending(_ id: RunID, made: Int64, due: Int64, fireAt: Int64? = nil) -> RunRecord {
            var run = Sample.run(id, due: due)
            run.createdAt = Instant(microseconds: made)
            if let fireAt {
                run.job = 1
                run.fireAt = Instant(microseconds: fireAt)
            }
            return run
        }
        func retry(_ id: RunID, finished: Int64, due: Int64) -> [Mutation] {
            var end = Sample.end(.failed(retryable: true))
            end.finishedAt = Instant(microseconds: finished)
            let attempt = AttemptRecord(run: id, number: 1, end: end)
            let finish = Finish(
                attempt: attempt, state: .pending, due: Instant(microseconds: due),
                counters: RunCounters(starts: 1, failures: 1))
            return [.insert(pending(id, made: hour, due: hour)), Sample.start(id), .finish(finish)]
        }
        var batch = retry(1, finished: 15 * hour, due: 15 * hour + 5) + retry(2, finished: 9 * hour, due: 11 * hour)
        batch += [
            .insert(pending(3, made: 15 * hour, due: 15 * hour)),
            .insert(pending(4, made: 15 * hour, due: 16 * hour)),
            .insert(pending(5, made: 9 * hour, due: 20 * hour)),
            .insert(pending(6, made: 15 * hour, due: 15 * hour + 7, fireAt: 14 * hour)),
            .recall(now),
        ]
        #expect(try await store.words(batch).allSatisfy { $0 == "applied" })
        var dues: [RunID: Int64] = [:]
        for run in try await store.runs(RunFilter()) { dues[run.id] = run.due.microseconds - now.microseconds }
        #expect(dues == [1: 5, 2: hour, 3: 0, 4: 6 * hour, 5: 10 * hour, 6: 7])
        #expect(try store.load().lastSeen == Instant(microseconds: 15 * hour))
    }

    private func countsAreTrue() async throws -> Bool {
        let counted = try await store.onWriter { db in
            try RunState.allCases.map { state in
                try Int.fetchOne(db, sql: "SELECT count(*) FROM runs WHERE state = ?", arguments: [state.rawValue]) ?? 0
            }
        }
        let kept = try await store.counts()
        return zip(RunState.allCases, counted).allSatisfy { kept[$0, default: 0] == $1 }
    }
}
