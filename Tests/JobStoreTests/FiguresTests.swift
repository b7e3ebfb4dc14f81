import JobModel
import Testing

@testable import JobStore

struct FiguresTests {
    private let home: TemporaryHome
    private let store: JobStore

    init() throws {
        home = try TemporaryHome()
        store = try home.open()
    }

    @Test func `Every end counts for the component and the job, whatever made it`() async throws {
        _ = try await store.apply([.putJob(Sample.job(3, "nightly"))])
        _ = try await store.apply(making(1, .succeeded) + making(2, .failed) + making(3, .succeeded))
        _ = try await store.apply([.insert(run(4)), Sample.close(4, to: .expired)])
        var skipped = run(5)
        skipped.state = .skipped
        _ = try await store.apply([.insert(skipped)])
        for figures in [try await ofComponent, try await store.figures(ofJob: 3)] {
            #expect(RunState.allCases.map(figures.ends) == [0, 0, 0, 2, 1, 0, 1, 1])
            #expect(figures.attempts == [2, 1, 0, 0, 0, 0])
            #expect(figures.durations.count == 3)
        }
    }

    @Test func `A refused end and a batch that failed count for nothing`() async throws {
        _ = try await store.apply(making(1, .succeeded))
        _ = try await store.apply([finish(1, .succeeded)])
        #expect(try await ofComponent.ends(.succeeded) == 1)
        // A child that is there already fails the whole batch.
        var child = run(9)
        child.parent = 2
        child.childIndex = 0
        _ = try await store.apply([.insert(run(2)), .insert(child), Sample.start(2)])
        var family = child
        family.id = 10
        let attempt = AttemptRecord(run: 2, number: 1, end: Sample.end())
        let bad = Finish(
            attempt: attempt, state: .pending, due: Instant(microseconds: 1), counters: RunCounters(starts: 1),
            component: Sample.component, children: [family])
        await #expect(throws: StoreError.self) { try await store.apply([.finish(bad)]) }
        _ = try await store.reopened().get()
        #expect(try await ofComponent.attempts == [1, 0, 0, 0, 0, 0])
        _ = try await store.apply([finish(2, .failed)])
        #expect(try await ofComponent.attempts == [1, 1, 0, 0, 0, 0])
    }

    @Test func `Children count for the component alone`() async throws {
        _ = try await store.apply([.putJob(Sample.job(3, "nightly")), .insert(run(1)), Sample.start(1)])
        let children = [child(2, 0), child(3, 1)]
        let root = Finish(
            attempt: AttemptRecord(run: 1, number: 1, end: Sample.end()), state: .pending,
            due: Instant(microseconds: 1), counters: RunCounters(starts: 1), component: Sample.component, job: 3,
            children: children)
        _ = try await store.apply([.finish(root), Sample.close(1)])
        #expect(try await ofComponent.ends(.cancelled) == 3)
        #expect(try await store.figures(ofJob: 3).ends(.cancelled) == 1)
    }

    @Test func `A step that ends with its run counts for its own component`() async throws {
        var step = Sample.run(2)
        step.component = try #require(ComponentName("disk/mount"))
        step.parent = 1
        step.stage = .child
        step.source = .step
        _ = try await store.apply([.insert(run(1)), .insertStep(step, before: 1), Sample.close(1)])
        #expect(try await ofComponent.ends(.cancelled) == 1)
        #expect(try await store.componentFigures()[step.component]?.ends(.cancelled) == 1)
    }

    @Test func `They go with their job, and an end that comes later brings none back`() async throws {
        _ = try await store.apply([.putJob(Sample.job(3, "nightly"))] + making(1, .succeeded))
        _ = try await store.apply([.insert(run(2)), Sample.start(2), .deleteJob(3)])
        #expect(try await store.figures(ofJob: 3).isEmpty)
        _ = try await store.apply([finish(2, .succeeded)])
        #expect(try await store.figures(ofJob: 3).isEmpty)
        #expect(try await ofComponent.ends(.succeeded) == 2)
    }

    @Test func `They go on where the host before left off`() async throws {
        _ = try await store.apply(making(1, .succeeded))
        store.close()
        let again = try home.open()
        _ = try await again.apply(making(2, .succeeded))
        let figures = try await again.componentFigures()[Sample.component]
        #expect(figures?.ends(.succeeded) == 2)
        #expect(figures?.durations.count == 2)
        again.close()
    }

    private var ofComponent: RunFigures {
        get async throws { try await store.componentFigures()[Sample.component] ?? RunFigures() }
    }

    private func run(_ id: RunID) -> RunRecord {
        var run = Sample.run(id)
        run.job = 3
        return run
    }

    private func child(_ id: RunID, _ index: Int64) -> RunRecord {
        var child = run(id)
        child.parent = 1
        child.childIndex = index
        child.source = .child
        return child
    }

    private func making(_ id: RunID, _ state: RunState) -> [Mutation] {
        [.insert(run(id)), Sample.start(id), finish(id, state)]
    }

    private func finish(_ id: RunID, _ state: RunState) -> Mutation {
        let end = Sample.end(state == .succeeded ? .succeeded : .failed(retryable: false))
        return .finish(
            Finish(
                attempt: AttemptRecord(run: id, number: 1, end: end), state: state, due: Instant(microseconds: 1),
                counters: RunCounters(starts: 1), component: Sample.component, job: 3))
    }
}
