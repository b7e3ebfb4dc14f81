import GRDB
import JobModel
import Testing

@testable import JobStore

/// Runs that emit runs, as rows.
@Suite struct FamilyTests {
    let home: TemporaryHome
    let store: JobStore

    init() throws {
        home = try TemporaryHome()
        store = try home.open()
    }

    @Test func `children come with the end of their root stage, and the last end brings the parent back`() async throws
    {
        #expect(try await store.words(Self.rooted(children: 2)) == ["applied", "applied", "applied"])
        let parent = try #require(try await store.run(1))
        #expect(parent.state == .pending && parent.stage == .reduce)
        #expect(parent.children == 2 && parent.openChildren == 2)
        #expect(try await store.lane(Sample.lane).map(\.id) == [2, 3])
        let child = try #require(try await store.run(3))
        #expect(child.parent == 1 && child.childIndex == 1 && child.stage == .child && child.label == "part 1")
        #expect(try await store.words([Sample.start(2), Self.end(2)]) == ["applied", "applied"])
        #expect(try await store.words([Sample.start(3), Self.end(3, .failed)]) == ["applied", "released 1"])
        #expect(try await store.lane(Sample.lane).map(\.id) == [1])
        let counts = try await store.childCounts(of: 1)
        #expect(counts == ChildCounts(states: [.succeeded: 1, .failed: 1]))
        #expect(counts.open == 0 && counts.total == 2)
    }

    @Test func `a family knows how many of it ended other than well`() async throws {
        _ = try await store.apply(Self.rooted(children: 3))
        _ = try await store.apply([Sample.start(2), Self.end(2, .failed), Sample.close(3)])
        #expect(try await store.run(1)?.failedChildren == 2)
        _ = try await store.apply([Sample.reopen(2), Sample.start(2, 2), Self.end(4)])
        #expect(try await store.run(1)?.failedChildren == 1)
    }

    @Test func `children that a child made have the next places in its family, which waits for them too`() async throws
    {
        _ = try await store.apply(Self.rooted(children: 2))
        var end = Finish(
            attempt: AttemptRecord(run: 2, number: 1, end: Sample.end()), state: .succeeded,
            due: Instant(microseconds: 100), counters: RunCounters(starts: 1), parent: 1)
        end.children = [0, 1].map { Self.child(20 + RunID($0), of: 1, index: $0) }
        let answers = try await store.apply([Sample.start(2), .finish(end), .finish(end)])
        guard case .grown(from: 2) = answers[1], case .refused = answers[2] else {
            Issue.record("\(answers)")
            return
        }
        let parent = try #require(try await store.run(1))
        #expect(parent.children == 4 && parent.openChildren == 3)
        #expect(try await store.run(21)?.childIndex == 3)
        _ = try await store.apply([Sample.start(3), Self.end(3), Sample.start(20), Self.end(20), Sample.start(21)])
        #expect(try await store.words([Self.end(21)]) == ["released 1"])
    }

    @Test func `a family that waits no more does not grow`() async throws {
        _ = try await store.apply(Self.rooted(children: 2))
        _ = try await store.apply([Sample.start(2), Sample.close(1)])
        var end = Finish(
            attempt: AttemptRecord(run: 2, number: 1, end: Sample.end()), state: .succeeded,
            due: Instant(microseconds: 100), counters: RunCounters(starts: 1), parent: 1)
        end.children = [Self.child(20, of: 1, index: 0)]
        #expect(try await store.words([.finish(end)]) == ["applied"])
        #expect(try await store.run(20) == nil)
        #expect(try await store.run(2)?.state == .succeeded)
    }

    @Test func `a loan is found by the next host until its attempt has ended`() async throws {
        _ = try await store.apply(Self.rooted(children: 2))
        let lend: [Mutation] = [Sample.start(2), .putLoan(2, number: 1, host: "b:1")]
        #expect(
            try await store.words(lend + [.putLoan(3, number: 1, host: "b:1")]) == ["applied", "applied", "refused"])
        #expect(try store.load().loans == [2: "b:1"])
        _ = try await store.apply([Self.end(2)])
        #expect(try store.load().loans == [:])
        #expect(try await store.words([.dropLoan(2, number: 1)]) == ["applied"])
    }

    @Test func `a second end of the root stage makes nothing twice`() async throws {
        let words = try await store.words(Self.rooted(children: 2) + [Self.root(1, children: [7, 8])])
        #expect(words.last == "refused")
        #expect(try await store.childCounts(of: 1).total == 2)
        #expect(try await store.run(7) == nil)
    }

    @Test func `results come in order, in pages, and only once all before them have ended`() async throws {
        _ = try await store.apply(Self.rooted(children: 3))
        _ = try await store.apply([
            Sample.start(2), Self.end(2, output: [1]), Sample.start(4), Self.end(4, output: [3]),
        ])
        #expect(try await store.childResults(of: 1, from: 0, bytes: 1000).map(\.bytes) == [[1]])
        _ = try await store.apply([Sample.start(3), Self.end(3, .failed, code: 7, message: "no luck")])
        let all = try await store.childResults(of: 1, from: 0, bytes: 1000)
        #expect(all.map(\.status) == [0, 7, 0])
        #expect(all[1].bytes == Array("no luck".utf8))
        #expect(try await store.childResults(of: 1, from: 2, bytes: 1).map(\.bytes) == [[3]])
        #expect(try await store.childResults(of: 1, from: 3, bytes: 1000).isEmpty)
    }

    @Test func `an output in a file is a result like any other`() async throws {
        _ = try await store.apply(Self.rooted(children: 1))
        let large = [UInt8](repeating: 7, count: Blobs.threshold + 1)
        _ = try await store.apply([Sample.start(2), Self.end(2, output: large)])
        #expect(try await store.childResults(of: 1, from: 0, bytes: 1).map(\.bytes) == [large])
    }

    @Test func `closing a parent closes what waits of its family and nobody is released`() async throws {
        _ = try await store.apply(Self.rooted(children: 3) + [Sample.start(2)])
        #expect(try await store.words([Sample.close(1)]) == ["applied to [3, 4]"])
        #expect(try await store.words([Self.end(2, .cancelled)]) == ["applied"])
        #expect(try await store.run(1)?.state == .cancelled)
        #expect(try await store.run(4)?.state == .cancelled)
        #expect(try await store.counts() == [.cancelled: 4])
    }

    @Test func `closing the last open child releases its parent`() async throws {
        _ = try await store.apply(Self.rooted(children: 1))
        #expect(try await store.words([Sample.close(2)]) == ["released 1"])
        #expect(try await store.childResults(of: 1, from: 0, bytes: 10).map(\.status) == [200])
    }

    @Test func `a parent that goes again takes along the children that did not succeed`() async throws {
        _ = try await store.apply(Self.rooted(children: 2))
        _ = try await store.apply([Sample.start(2), Self.end(2), Sample.start(3), Self.end(3, .failed)])
        _ = try await store.apply([Sample.start(1, 2), Sample.finish(1, 2, to: .failed)])
        #expect(try await store.words([Sample.reopen(1)]) == ["applied to [3]"])
        #expect(try await store.lane(Sample.lane).map(\.id) == [3])
        #expect(try await store.run(1)?.openChildren == 1)
        #expect(try await store.words([Sample.start(3, 2), Self.end(3, number: 2)]) == ["applied", "released 1"])
        #expect(try await store.counts() == [.succeeded: 2, .pending: 1])
    }

    @Test func `a child goes again while its parent waits and not later`() async throws {
        _ = try await store.apply(Self.rooted(children: 2))
        _ = try await store.apply([Sample.start(2), Self.end(2, .failed)])
        #expect(try await store.words([Sample.reopen(2)]) == ["replaced 2"])
        #expect(try await store.run(1)?.openChildren == 2)
        _ = try await store.apply([Sample.start(2, 2), Self.end(2, .failed, number: 2), Sample.start(3), Self.end(3)])
        #expect(try await store.words([Sample.reopen(2)]) == ["refused"])
        #expect(try await store.run(2)?.state == .failed)
    }

    @Test func `waiting parents are pending in lists and in no lane after a restart`() async throws {
        _ = try await store.apply(Self.rooted(children: 1) + [Sample.start(2)])
        #expect(try await store.runs(RunFilter(states: [.pending])).map(\.id) == [1])
        #expect(try await store.runs(RunFilter(parent: 1)).map(\.id) == [2])
        store.close()
        let again = try home.open()
        #expect(try again.load().lanes.isEmpty)
        #expect(try again.load().running.map(\.id) == [2])
        again.close()
    }

    // MARK: Mutations

    private static func rooted(children: Int) -> [Mutation] {
        [.insert(Sample.run(1)), Sample.start(1), root(1, children: (0..<children).map { RunID($0 + 2) })]
    }

    private static func child(_ id: RunID, of parent: RunID, index: Int64) -> RunRecord {
        var run = Sample.run(id)
        run.parent = parent
        run.root = parent
        run.source = .child
        run.stage = .child
        run.childIndex = index
        run.label = "part \(index)"
        return run
    }

    private static func root(_ id: RunID, children: [RunID]) -> Mutation {
        let made = children.enumerated().map { index, run in child(run, of: id, index: Int64(index)) }
        let at = Instant(microseconds: 200)
        let attempt = AttemptRecord(
            run: id, number: 1, end: AttemptEnd(outcome: .succeeded, startedAt: at, finishedAt: at))
        return .finish(
            Finish(attempt: attempt, state: .pending, due: at, counters: RunCounters(starts: 1), children: made))
    }

    private static func end(
        _ id: RunID, _ state: RunState = .succeeded, number: Int32 = 1, output: [UInt8] = [], code: Int32 = 0,
        message: String? = nil
    ) -> Mutation {
        let at = Instant(microseconds: 300)
        let outcome: Outcome =
            switch state {
            case .succeeded: .succeeded
            case .cancelled: .cancelled
            default: .failed(retryable: false)
            }
        let end = AttemptEnd(
            outcome: outcome, code: code, message: message, output: output, startedAt: at, finishedAt: at)
        let attempt = AttemptRecord(run: id, number: number, end: end)
        return .finish(
            Finish(attempt: attempt, state: state, due: at, counters: RunCounters(starts: number), parent: 1))
    }
}
