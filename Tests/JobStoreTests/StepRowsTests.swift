import GRDB
import JobModel
import Testing

@testable import JobStore

/// Steps before and after runs, as rows.
@Suite struct StepRowsTests {
    let home: TemporaryHome
    let store: JobStore

    init() throws {
        home = try TemporaryHome()
        store = try home.open()
    }

    private static func step(_ id: RunID, before run: RunID) -> Mutation {
        var step = Sample.run(id)
        step.source = .step
        step.stage = .child
        step.parent = run
        return .insertStep(step, before: run)
    }

    private static func finish(
        _ id: RunID, _ number: Int32 = 1, to state: RunState, parent: RunID?, _ aftermath: Aftermath = .none
    ) -> Mutation {
        var finish = Finish(
            attempt: AttemptRecord(run: id, number: number, end: Sample.end(message: "no luck")), state: state,
            due: Instant(microseconds: 100), counters: RunCounters(starts: number), parent: parent)
        finish.aftermath = aftermath
        return .finish(finish)
    }

    private func breaches() -> [String] {
        store.close()
        return StoreCheck(home: home.path, isLive: false, now: Instant(microseconds: 1_000)).findings()
            .filter { $0.verdict == .broken }.map(\.text)
    }

    @Test func `a run waits for its step, and its gate is open once that has succeeded`() async throws {
        #expect(try await store.words([.insert(Sample.run(1)), Self.step(2, before: 1)]) == ["applied", "applied"])
        #expect(try await store.lane(Sample.lane).map(\.id) == [2])
        #expect(try await store.run(1)?.gate == .waiting)
        let words = try await store.words([Sample.start(2), Self.finish(2, to: .succeeded, parent: 1)])
        #expect(words == ["applied", "released 1"])
        #expect(try await store.run(1)?.gate == .passed)
        #expect(try await store.steps(of: 1).map(\.id) == [2])
        #expect(try await store.childCounts(of: 1).total == 0)
        #expect(try await store.childResults(of: 1, from: 0, bytes: 100).isEmpty)
        #expect(breaches().isEmpty)
    }

    @Test func `a step that fails shuts the gate, with the reason on the run`() async throws {
        _ = try await store.apply([.insert(Sample.run(1)), Self.step(2, before: 1), Sample.start(2)])
        #expect(try await store.words([Self.finish(2, to: .failed, parent: 1)]) == ["released 1"])
        let run = try #require(try await store.run(1))
        #expect(run.gate == .failed && run.state == .pending && run.openChildren == 0)
        #expect(run.reason == "its pre-step, run 2, failed: no luck")
    }

    @Test func `a second step is refused while one is there, and for a run that is not pending`() async throws {
        let words = try await store.words([
            .insert(Sample.run(1)), Self.step(2, before: 1), Self.step(3, before: 1), .insert(Sample.run(4)),
            Sample.start(4), Self.step(5, before: 4),
        ])
        #expect(words == ["applied", "applied", "refused", "applied", "applied", "refused"])
        #expect(try await store.run(3) == nil)
        #expect(try await store.run(5) == nil)
    }

    @Test func `closing a run closes its step, and another go begins before a new one`() async throws {
        _ = try await store.apply([.insert(Sample.run(1)), Self.step(2, before: 1)])
        #expect(try await store.words([Sample.close(1)]) == ["applied to [2]"])
        #expect(try await store.words([Sample.reopen(2)]) == ["refused"])
        #expect(try await store.words([Sample.reopen(1)]) == ["replaced 1"])
        #expect(try await store.run(1)?.gate == .ahead)
        #expect(try await store.words([Self.step(3, before: 1)]) == ["applied"])
        #expect(try await store.steps(of: 1).map(\.id) == [2, 3])
        #expect(breaches().isEmpty)
    }

    @Test func `another go while the old step still runs waits for it, whose end opens and shuts nothing`() async throws
    {
        _ = try await store.apply([.insert(Sample.run(1)), Self.step(2, before: 1), Sample.start(2), Sample.close(1)])
        #expect(try await store.words([Sample.reopen(1)]) == ["applied to []"])
        #expect(try await store.words([Self.finish(2, to: .cancelled, parent: 1)]) == ["released 1"])
        #expect(try await store.run(1)?.gate == .ahead)
    }

    /// A run that is about to begin its reduce stage, and whose child 2 failed.
    private func failFamily() async throws {
        var child = Sample.run(2)
        (child.stage, child.parent, child.childIndex) = (.child, 1, 0)
        var root = Finish(
            attempt: AttemptRecord(run: 1, number: 1, end: Sample.end()), state: .pending,
            due: Instant(microseconds: 100), counters: RunCounters(starts: 1))
        root.children = [child]
        _ = try await store.apply([.insert(Sample.run(1)), Sample.start(1), .finish(root)])
        _ = try await store.apply([Sample.start(2), Self.finish(2, to: .failed, parent: 1)])
    }

    @Test(arguments: [RunState.succeeded, .failed], [false, true])
    func `a child that goes again while its parent waits for a step leaves the gate to the step`(
        end: RunState, isStepLast: Bool
    ) async throws {
        try await failFamily()
        _ = try await store.apply([Self.step(3, before: 1), Sample.start(3)])
        #expect(try await store.words([Sample.reopen(2), Sample.start(2, 2)]) == ["replaced 2", "applied"])
        let isGood = end == .succeeded
        let child = Self.finish(2, 2, to: isGood ? .failed : .succeeded, parent: 1)
        let before = Self.finish(3, to: end, parent: 1)
        let words = try await store.words(isStepLast ? [child, before] : [before, child])
        #expect(words == ["applied", "released 1"])
        let run = try #require(try await store.run(1))
        #expect(run.gate == (isGood ? .passed : .failed) && run.failedChildren == (isGood ? 1 : 0))
        #expect(run.reason == (isGood ? nil : "its pre-step, run 3, failed: no luck"))
        #expect(breaches().isEmpty)
    }

    @Test func `an old step that ends when its run goes again is no failed child`() async throws {
        try await failFamily()
        _ = try await store.apply([Self.step(3, before: 1), Sample.start(3), Sample.close(1), Sample.reopen(1)])
        #expect(try await store.words([Self.finish(3, to: .cancelled, parent: 1)]) == ["applied"])
        let run = try #require(try await store.run(1))
        #expect(run.gate == .ahead && run.failedChildren == 0 && run.openChildren == 1 && run.reason == "fixed")
        #expect(breaches().isEmpty)
    }

    @Test func `what follows an end and what is to be said of it are stored with it or not at all`() async throws {
        var after = Sample.run(3)
        after.source = .step
        after.cause = 1
        let aftermath = Aftermath(
            runs: [after],
            warnings: [Aftermath.Warning(run: 1, words: "look"), Aftermath.Warning(run: 99, words: "gone")])
        _ = try await store.apply([.insert(Sample.run(1)), Sample.start(1)])
        #expect(try await store.words([Self.finish(1, to: .succeeded, parent: nil, aftermath)]) == ["applied"])
        #expect(try await store.words([Self.finish(1, to: .succeeded, parent: nil, aftermath)]) == ["refused"])
        #expect(try await store.steps(of: 1).map(\.id) == [3])
        let told = try await store.transitions(of: 1)
        #expect(told.map(\.reason) == ["look"] && told.first?.from == .succeeded && told.first?.to == .succeeded)
        let close = Mutation.close(
            3, to: .expired, at: Instant(microseconds: 30), actor: "host", reason: nil,
            aftermath: Aftermath(warnings: [Aftermath.Warning(run: 1, words: "again")]))
        #expect(try await store.words([close, close]) == ["applied", "refused"])
        #expect(try await store.transitions(of: 1).map(\.reason) == ["look", "again"])
    }

    @Test func `a pruned run takes its step along`() async throws {
        _ = try await store.apply([.insert(Sample.run(1)), Self.step(2, before: 1), Sample.start(2)])
        _ = try await store.apply([Self.finish(2, to: .failed, parent: 1), Sample.close(1, to: .failed)])
        let rules = HistoryRules(host: HistoryPolicy([.failed: HistoryPolicy.Keep(age: .zero)]))
        #expect(try await store.prune(rules, now: Instant(microseconds: 1_000_000)) == 2)
        #expect(try await store.run(2) == nil)
    }

    @Test func `a run at its step counts as started for the next host`() async throws {
        var run = Sample.run(1)
        run.job = 5
        _ = try await store.apply([.insert(run), Self.step(2, before: 1)])
        #expect(try store.load().openRuns == [5: [OpenRun(id: 1, hasStarted: true)]])
    }
}
