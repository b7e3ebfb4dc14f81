import GRDB
import JobModel
import Testing

@testable import JobStore

/// What plugins keep between runs.
@Suite struct StateTests {
    let home: TemporaryHome
    let store: JobStore

    init() async throws {
        home = try TemporaryHome()
        store = try home.open()
        _ = try await store.apply([.putJob(Sample.job(1, "nightly")), .putJob(Sample.job(2, "daily"))])
    }

    private static func place(_ key: String, _ owner: StatePlace.Owner = .job(1), plugin: String = "text") -> StatePlace
    {
        StatePlace(plugin: plugin, owner: owner, key: Array(key.utf8))
    }

    private static func put(_ place: StatePlace, _ value: [UInt8], ifVersion: UInt64 = .max) -> Mutation {
        .putState(place, value, ifVersion: ifVersion)
    }

    @Test func `a value is read as it was put, with a version that moves`() async throws {
        let place = Self.place("cursor")
        #expect(try await store.state(at: place) == nil)
        #expect(
            try await store.words([Self.put(place, [1]), Self.put(place, [2, 3])]) == [
                "stored(version: 1)", "stored(version: 2)",
            ])
        #expect(try await store.state(at: place) == StoredState(value: [2, 3], version: 2))
        store.close()
        let again = try home.open()
        #expect(try await again.state(at: place)?.version == 2)
        again.close()
    }

    @Test func `versions are compared`() async throws {
        let place = Self.place("lock")
        let words = try await store.words([
            Self.put(place, [1], ifVersion: 5), Self.put(place, [1], ifVersion: 0), Self.put(place, [2], ifVersion: 0),
            Self.put(place, [3], ifVersion: 1), Self.put(place, [4], ifVersion: 1),
        ])
        #expect(words == ["conflict", "stored(version: 1)", "conflict", "stored(version: 2)", "conflict"])
        #expect(try await store.state(at: place)?.value == [3])
    }

    @Test func `plugins, jobs and components do not see each other's values`() async throws {
        let places = [
            Self.place("k"), Self.place("k", .job(2)), Self.place("k", .component("a")),
            Self.place("k", .component("b")),
            Self.place("k", plugin: "other"),
        ]
        for (index, place) in places.enumerated() { _ = try await store.apply([Self.put(place, [UInt8(index)])]) }
        for (index, place) in places.enumerated() {
            #expect(try await store.state(at: place)?.value == [UInt8(index)])
        }
    }

    @Test func `a plugin that has as much as it may have gets no more until something shrinks`() async throws {
        let value = [UInt8](repeating: 0, count: 256 << 10)
        let fills = (0..<255).map { Self.put(Self.place("\($0)"), value) }
        #expect(try await store.words(fills).allSatisfy { $0 == "stored(version: 1)" })
        #expect(try await store.words([Self.put(Self.place("more"), value)]) == ["full"])
        #expect(try await store.words([Self.put(Self.place("more", plugin: "other"), value)]) == ["stored(version: 1)"])
        #expect(
            try await store.words([Self.put(Self.place("0"), []), Self.put(Self.place("more"), value)]) == [
                "stored(version: 2)", "stored(version: 1)",
            ])
    }

    @Test func `the values of a job go with it and count no longer`() async throws {
        _ = try await store.apply([Self.put(Self.place("k"), [1, 2, 3]), Self.put(Self.place("k", .job(2)), [4])])
        _ = try await store.apply([.deleteJob(1)])
        #expect(try await store.state(at: Self.place("k")) == nil)
        #expect(try await store.state(at: Self.place("k", .job(2)))?.value == [4])
        let bytes = try await store.onWriter { db in
            try Int64.fetchOne(db, sql: "SELECT bytes FROM plugin_state_bytes WHERE plugin = 'text'")
        }
        #expect(bytes == 2)
    }

    @Test func `an attempt that outlives its job keeps nothing for it`() async throws {
        #expect(try await store.words([.deleteJob(1), Self.put(Self.place("k"), [1])]) == ["applied", "full"])
        #expect(try await store.state(at: Self.place("k")) == nil)
    }

    @Test func `the values of a job are found without a look at those of others`() async throws {
        let steps = try await store.onWriter { db in
            try Row.fetchAll(db, sql: "EXPLAIN QUERY PLAN \(Database.stateOfJobGoes)", arguments: [1])
                .map { $0["detail"] as String }
        }
        #expect(steps.count == 1 && steps[0].contains("INDEX state_of_job"), "\(steps)")
    }
}
