import JobModel
import Testing

@testable import JobStore

/// What is owed to servers: one row for each dispatch, made with its run.
@Suite struct DispatchRowsTests {
    private let home: TemporaryHome
    private let store: JobStore

    init() throws {
        home = try TemporaryHome()
        store = try home.open()
    }

    private func insert(_ id: RunID, _ instance: String, upstream: String = "cluster") -> Mutation {
        var run = Sample.run(id)
        (run.source, run.actor, run.instance) = (.upstream, Dispatch.actor(of: upstream), instance)
        return .insertDispatched(
            run, Dispatch(upstream: upstream, instance: instance, note: Array("{\"n\":\(id)}".utf8)))
    }

    private func owed(_ upstream: String = "cluster") async throws -> [RunID] {
        try await store.owed(to: upstream).map(\.run)
    }

    @Test func `an instance is owed once until it is settled or silenced`() async throws {
        #expect(try await store.words([insert(1, "a"), insert(2, "a")]) == ["applied", "duplicate 1"])
        #expect(try await store.run(2) == nil)
        #expect(try await store.words([insert(3, "a", upstream: "other")]) == ["applied"])
        _ = try await store.apply(Array(Sample.making(1, .succeeded).dropFirst()))
        #expect(try await store.words([insert(4, "a")]) == ["duplicate 1"], "its end was not acknowledged")
        #expect(try await store.words([.settle([1, 99]), insert(5, "a")]) == ["applied", "applied"])
        #expect(try await store.words([.silence(5), insert(6, "a")]) == ["applied", "applied"])
        let owed = try await store.owed(to: "cluster")
        #expect(owed.map(\.run) == [5, 6] && owed.map(\.isSilenced) == [true, false])
        #expect(try await store.owed() == ["cluster": 2, "other": 1])
    }

    @Test func `everything of it is read back, after another start too`() async throws {
        _ = try await store.apply([insert(1, "10"), insert(2, "9223372036854775807"), .amend(1, note: [0, 255, 1])])
        store.close()
        let owed = try await home.open().owed(to: "cluster")
        #expect(owed.map(\.dispatch.instance) == ["10", "9223372036854775807"])
        #expect(owed.map(\.dispatch.note) == [[0, 255, 1], Array("{\"n\":2}".utf8)])
        #expect(owed.map(\.receivedAt) == [Sample.run(1).createdAt, Sample.run(2).createdAt])
    }

    @Test func `a batch that fails leaves neither run nor row`() async throws {
        _ = try await store.apply([.insert(Sample.run(1))])
        #expect(try await store.words([insert(1, "taken id")]) == ["refused"])
        #expect(try await owed().isEmpty)
    }

    @Test func `a run is found by its upstream and by its instance`() async throws {
        _ = try await store.apply([insert(1, "a"), insert(2, "b"), insert(3, "a", upstream: "other")])
        func found(_ filter: String) async throws -> [RunID] {
            try await store.runs(RunFilter(text: filter, now: .distantPast)).map(\.id)
        }
        #expect(try await found("upstream:cluster") == [2, 1])
        #expect(try await found("instance:a") == [3, 1])
        #expect(try await found("upstream:other instance:a") == [3])
        #expect(try await store.run(3)?.instance == "a")
    }

    @Test func `many runs are read at once, in the order asked for`() async throws {
        _ = try await store.apply([insert(1, "a"), insert(2, "b"), insert(3, "c")])
        #expect(try await store.runs([3, 99, 1]).map(\.id) == [3, 1])
    }

    @Test func `runs with much in them are read a few at a time`() async throws {
        let large = (Int64(1)...3).map { id in
            var run = Sample.run(id)
            run.params = Array(repeating: UInt8(ascii: " "), count: 1000)
            return Mutation.insert(run)
        }
        _ = try await store.apply(large)
        func read(_ ids: [RunID], _ most: Int) async throws -> ([RunID], Int) {
            let read = try await store.runs(ids, bytes: most)
            return (read.runs.map(\.id), read.looked)
        }
        #expect(try await read([1, 99, 2, 3], 2000) == ([1, 2], 3))
        #expect(try await read([3, 2], 1) == ([3], 1))
        #expect(try await read([99, 98], 1) == ([], 2))
        #expect(try await read([], 1) == ([], 0))
    }

    @Test func `what is owed says whether its run has ended`() async throws {
        _ = try await store.apply([insert(1, "a"), insert(2, "b")])
        #expect(try await store.owed(to: "cluster").map(\.endedAt) == [nil, nil])
        _ = try await store.apply(Array(Sample.making(2, .succeeded).dropFirst()))
        let ended = try await store.run(2)?.finishedAt
        #expect(ended != nil)
        #expect(try await store.owed(to: "cluster").map(\.endedAt) == [nil, ended])
    }
}
