import Foundation
import GRDB
import JobModel
import Testing

@testable import JobStore

/// Each rule is broken on purpose in a store that kept them all, and named with what to do.
@Suite struct StoreCheckTests {
    let home: TemporaryHome

    init() throws {
        home = try TemporaryHome()
    }

    /// Ways to break a store by SQL, and the subject under which that is found.
    static let breaks: [(subject: String, sql: String)] = [
        ("states", "UPDATE runs SET state = 9 WHERE id = 4; UPDATE totals SET runs = runs - 1 WHERE state = 3"),
        ("starts", "UPDATE runs SET started_at = NULL WHERE state = 1"),
        ("names", "DELETE FROM components; DELETE FROM figures"),
        ("names", "UPDATE runs SET policy_id = 77 WHERE id = 1"),
        (
            "attempts of runs",
            "INSERT INTO attempts (run_id, number, outcome, code, started_at, finished_at, guest, cpu) "
                + "VALUES (900, 1, 0, 0, 1, 2, 3, 4)"
        ),
        ("tags", "INSERT INTO run_tags VALUES ('nightly', 900)"),
        ("transitions of runs", "UPDATE transitions SET run_id = 900"),
        ("figures", "UPDATE figures SET subject = 77 WHERE kind = 0"),
        ("values of jobs", "UPDATE plugin_state SET job_id = 77"),
        ("dispatches", "UPDATE dispatches SET run_id = 901"),
        ("dispatches", "UPDATE dispatches SET instance = 'another'"),
        ("attempts", "DELETE FROM attempts WHERE run_id = 4"),
        ("attempts", "UPDATE runs SET starts = starts + 1 WHERE id = 3"),
        ("counters", "UPDATE runs SET failures = 2 WHERE id = 5"),
        ("counters", "UPDATE runs SET interruptions = 1 WHERE id = 4"),
        ("open children", "UPDATE runs SET open_children = 2 WHERE id = 10"),
        ("open children", "UPDATE runs SET open_children = 7 WHERE id = 1"),
        ("children", "UPDATE runs SET children = 2 WHERE id = 10"),
        ("failed children", "UPDATE runs SET failed_children = 1 WHERE id = 10"),
        ("gates", "UPDATE runs SET gate = 1 WHERE id = 1"),
        (
            "gates",
            "UPDATE runs SET gate = 1, open_children = 1 WHERE id = 10; "
                + "UPDATE runs SET child_index = 7 WHERE id = 11"
        ),
        ("totals", "UPDATE totals SET runs = runs + 1 WHERE state = 3"),
        ("bytes of plugins", "UPDATE plugin_state_bytes SET bytes = bytes + 1"),
        ("unique keys", "DROP INDEX unique_open; UPDATE runs SET unique_key = 'k' WHERE id IN (1, 2)"),
        (
            "owed instances",
            "DROP INDEX owed_instance; UPDATE runs SET source = 4, actor = 'upstream:cluster', instance = '77' WHERE id = 4; "
                + "INSERT INTO dispatches VALUES (4, 'cluster', '77', x'7b7d', 1, 0, NULL)"
        ),
        ("fires", "DROP INDEX unique_fire; UPDATE runs SET job_id = 1, fire_at = 5 WHERE id IN (4, 5)"),
        ("high-water marks", "UPDATE marks SET value = 3 WHERE name = 'run'"),
        ("watermarks", "UPDATE jobs SET watermark = 8000000000000000"),
        ("tables", "DROP INDEX of_key"),
        ("tables", "CREATE TABLE theirs (x)"),
        ("store", "PRAGMA user_version = 99"),
        ("store", "PRAGMA application_id = 7"),
        ("outputs", "UPDATE runs SET output_file = 'gone' WHERE id = 4"),
        ("start", "UPDATE jobs SET definition = 'no JSON'"),
    ]

    @Test(arguments: breaks.indices)
    func `a broken rule is named, with what to do`(index: Int) async throws {
        try await fill()
        let (subject, sql) = Self.breaks[index]
        try home.inFile { db in
            try db.execute(sql: "PRAGMA writable_schema = 1")
            try db.execute(sql: sql)
        }
        let bad = broken()
        #expect(bad.contains { $0.subject == subject || $0.subject == "tables" }, "\(bad)")
        if !sql.hasPrefix("DROP INDEX unique"), !sql.hasPrefix("DROP INDEX owed") {
            #expect(bad.map(\.subject) == [subject], "\(bad)")
        }
        #expect(bad.allSatisfy { $0.text.count > 40 })
    }

    @Test(arguments: ["INSERT INTO loans VALUES (4, 1, 'b:1')", "UPDATE loans SET number = 2"])
    func `a loan of no attempt counts for nothing and keeps nobody from a backup`(sql: String) async throws {
        try await fill()
        try home.inFile { try $0.execute(sql: sql) }
        let findings = check().filter { $0.verdict != .good }
        #expect(findings.map(\.subject) == ["loans"] && findings.map(\.verdict) == [.weak], "\(findings)")
        let next = try TemporaryHome()
        #expect(
            try StoreRestore(home: next.path, backup: home.path).restore(replacing: false, at: Instant(microseconds: 1))
                == nil)
    }

    @Test func `a store that was used in every way keeps every rule`() async throws {
        try await fill()
        let findings = check()
        #expect(findings.allSatisfy { $0.verdict == .good }, "\(findings)")
        #expect(findings.contains { $0.subject == "rules" })
    }

    @Test func `an index that lanes are read from and that lacks a run is found`() async throws {
        try await fill()
        let rule = try #require(Invariant.all.first { $0.name == "ready index" })
        #expect(try home.inFile { try rule.breach($0, path: "x") } == nil)
        try home.inFile { db in
            let sql = try #require(try String.fetchOne(db, sql: "SELECT sql FROM sqlite_schema WHERE name = 'ready'"))
            // Filled as if the runs were not there, and then called by its own name again.
            try db.execute(sql: "DROP INDEX ready; \(sql) AND id > 1000; PRAGMA writable_schema = 1")
            try db.execute(sql: "UPDATE sqlite_schema SET sql = ? WHERE name = 'ready'", arguments: [sql])
        }
        let breach = try #require(try home.inFile { try rule.breach($0, path: "x") })
        #expect(breach.text.contains("0 instead of") && breach.text.contains("REINDEX ready"))
        try home.inFile { try $0.execute(sql: "REINDEX ready") }
        #expect(try home.inFile { try rule.breach($0, path: "x") } == nil)
    }

    @Test func `a live store is looked at beside its writer`() async throws {
        try await fill()
        let store = try home.open()
        _ = try await store.apply([.insert(Sample.run(100))])
        #expect(broken().isEmpty)
        _ = try await store.apply([Sample.start(100)])
        #expect(broken().isEmpty)
    }

    @Test func `what a rule's statement repairs is whole again`() async throws {
        for (rule, sql) in [
            ("totals", "UPDATE totals SET runs = runs + 1"), ("high-water marks", "UPDATE marks SET value = 3"),
            ("open children", "UPDATE runs SET open_children = 2 WHERE id = 10"),
            ("children", "UPDATE runs SET children = 2 WHERE id = 10"),
            ("failed children", "UPDATE runs SET failed_children = 1 WHERE id = 10"),
            ("loans", "INSERT INTO loans VALUES (4, 1, 'b:1')"),
            ("open children", "UPDATE runs SET open_children = 7 WHERE id = 1"),
            (
                "open children",
                "UPDATE runs SET gate = 1, open_children = 0, children = 0 WHERE id = 10; "
                    + "UPDATE runs SET child_index = NULL WHERE id = 11"
            ),
            ("gates", "UPDATE runs SET gate = 1, open_children = 0 WHERE id = 1"),
            ("values of jobs", "UPDATE plugin_state SET job_id = 77"),
            ("bytes of plugins", "UPDATE plugin_state_bytes SET bytes = 1"),
            ("dispatches", "UPDATE dispatches SET run_id = 901"),
        ] {
            let home = try TemporaryHome()
            try await Self.fill(home)
            try home.inFile { try $0.execute(sql: sql) }
            let invariant = try #require(Invariant.all.first { $0.name == rule })
            guard case .statement(let repair) = invariant.remedy else {
                Issue.record("\(rule) has no statement")
                continue
            }
            try home.inFile { try $0.execute(sql: repair) }
            let findings = StoreCheck(home: home.path, isLive: false, now: .distantPast).findings()
            #expect(findings.allSatisfy { $0.verdict == .good }, "\(findings)")
        }
    }

    @Test func `to raise one mark lowers no other`() async throws {
        try await fill()
        let rule = try #require(Invariant.all.first { $0.name == "high-water marks" })
        guard case .statement(let repair) = rule.remedy else {
            Issue.record("no statement")
            return
        }
        try home.inFile { db in
            // Jobs were deleted; the run with the highest id lost its mark.
            try db.execute(sql: "DELETE FROM jobs; UPDATE marks SET value = 3 WHERE name = 'run'")
            try db.execute(sql: "UPDATE marks SET value = 500 WHERE name = 'job'")
            try db.execute(sql: repair)
            let marks = try Row.fetchAll(db, sql: "SELECT name, value FROM marks ORDER BY name")
            #expect(marks.map { $0["value"] as Int64 } == [500, 13])
        }
    }

    @Test func `a damaged page is found`() async throws {
        try await fill()
        let path = "\(home.path)/berth.db"
        var bytes = try Data(contentsOf: URL(fileURLWithPath: path))
        let pages = bytes.count / 4096
        for page in 1..<pages {
            bytes.replaceSubrange(page * 4096..<page * 4096 + 64, with: Data(repeating: 0xAB, count: 64))
        }
        try bytes.write(to: URL(fileURLWithPath: path))
        let bad = broken()
        #expect(bad.first?.subject == "store" && bad.first?.text.contains("berth restore") == true, "\(bad)")
    }

    @Test func `files that no run names are waste, not damage`() async throws {
        try await fill()
        try Data([1, 2, 3]).write(to: URL(fileURLWithPath: "\(home.path)/blobs/77-1"))
        let weak = check().filter { $0.verdict != .good }
        #expect(weak.map(\.subject) == ["outputs"] && weak.first?.verdict == .weak)
        #expect(weak.first?.text.contains("77-1") == true)
        let live = StoreCheck(home: home.path, isLive: true, now: Instant(microseconds: 0)).findings()
        #expect(live.allSatisfy { $0.verdict == .good }, "it may be on its way")
    }

    @Test func `a home without a store is no breach`() throws {
        #expect(check().map(\.verdict) == [.good])
    }

    private func check() -> [StoreFinding] {
        StoreCheck(home: home.path, isLive: false, now: Instant(microseconds: 1_000_000_000)).findings()
    }

    private func broken() -> [StoreFinding] { check().filter { $0.verdict == .broken } }

    private func fill() async throws { try await Self.fill(home) }

    /// Runs in every state, a family that waits, a job, a value of a plugin, an output in a file, a
    /// dispatch, a loan.
    static func fill(_ home: TemporaryHome) async throws {
        let store = try home.open()
        var batch: [Mutation] = [.putJob(Sample.job(1, "nightly"))]
        for (id, state) in zip(RunID(1)..., RunState.allCases) { batch += Sample.making(id, state) }
        let big = Sample.end(output: [UInt8](repeating: 7, count: Blobs.threshold + 1))
        batch += [.insert(Sample.run(9)), Sample.start(9), Sample.finish(9, end: big)]
        batch += [.insert(Sample.run(10)), Sample.start(10)]
        var child = Sample.run(11)
        child.parent = 10
        child.root = 10
        child.childIndex = 0
        child.stage = .child
        batch.append(
            .finish(
                Finish(
                    attempt: AttemptRecord(run: 10, number: 1, end: Sample.end()), state: .pending,
                    due: Instant(microseconds: 100), counters: RunCounters(starts: 1), children: [child])))
        _ = try await store.apply(batch)
        _ = try await store.apply([.insert(Sample.run(13)), Sample.start(13), .putLoan(13, number: 1, host: "b:1")])
        let place = StatePlace(plugin: "text", owner: .job(1), key: [1])
        _ = try await store.apply([.putState(place, [1, 2, 3], ifVersion: .max)])
        var dispatched = Sample.run(12)
        (dispatched.source, dispatched.actor, dispatched.instance) = (.upstream, "upstream:cluster", "77")
        _ = try await store.apply([.insertDispatched(dispatched, Dispatch(upstream: "cluster", instance: "77"))])
        store.close()
    }
}
