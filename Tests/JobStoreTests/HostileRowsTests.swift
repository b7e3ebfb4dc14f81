import GRDB
import JobModel
import Testing

@testable import JobStore

/// The file is outside input: people edit databases.
@Suite struct HostileRowsTests {
    let home: TemporaryHome
    let store: JobStore

    init() throws {
        home = try TemporaryHome()
        store = try home.open()
    }

    @Test(
        arguments: [
            "UPDATE runs SET state = 77", "UPDATE runs SET source = -1", "UPDATE runs SET outcome = 499",
            "UPDATE runs SET starts = 1 << 40", "UPDATE runs SET policy_id = 12", "UPDATE runs SET queue_id = 12",
            "UPDATE components SET name = 'no slash'", "UPDATE runs SET output_file = '../berth.db'",
            "UPDATE runs SET output_file = '1-1'",
            "INSERT INTO policies VALUES (3, 'x'); UPDATE runs SET policy_id = 3",
        ])
    func `a damaged run is an error`(damage: String) async throws {
        _ = try await store.apply([.insert(Sample.run(1))])
        try await store.onWriter { try $0.execute(sql: damage) }
        await #expect(throws: StoreError.self) { try await store.run(1) }
    }

    @Test(
        arguments: [
            "source = 99", "starts = 1 << 40", "policy_id = 12", "code = -1 << 40", "outcome = 7",
        ])
    func `a damaged run in a lane keeps neither the batch nor the runs behind it`(damage: String) async throws {
        _ = try await store.apply([.insert(Sample.run(1)), .insert(Sample.run(2)), .insert(Sample.run(3, due: 200))])
        try await store.onWriter { try $0.execute(sql: "UPDATE runs SET \(damage) WHERE id = 1") }
        let answers = try await store.apply([
            .insert(Sample.run(4)), .readLane(Sample.lane, after: nil, limit: 2), .insert(Sample.run(5)),
        ])
        guard case .lane(let runs) = answers[1] else {
            Issue.record("\(answers[1])")
            return
        }
        #expect(runs.map(\.id) == [2, 4])
        #expect(try await store.lane(Sample.lane, after: LanePlace(due: runs[1].due, id: 4)).map(\.id) == [5, 3])
    }

    @Test func `a duration beyond every clock does not trap`() throws {
        let json =
            #"{"access":{"read":[],"write":[]},"onUnknown":"rerun","notAfter":[9223372036854775807,0],"#
            + #""timeout":[-9223372036854775808,0],"retry":{"attempts":3,"crashes":3,"delay":{"fixed":{"_0":[1,0]}}}}"#
        let policy = try JSONText.decode(RunPolicy.self, from: json, what: "it")
        #expect(policy.notAfter?.microseconds == .max)
        #expect(policy.timeout?.microseconds == .min)
    }

    @Test(
        arguments: [
            "UPDATE attempts SET evidence = 'garbage'", "UPDATE attempts SET evidence = '{}'",
            "UPDATE attempts SET outcome = 9999", "UPDATE attempts SET guest = 1 << 40",
        ])
    func `a damaged attempt is an error`(damage: String) async throws {
        _ = try await store.apply([.insert(Sample.run(1)), Sample.start(1), Sample.finish(1)])
        try await store.onWriter { try $0.execute(sql: damage) }
        await #expect(throws: StoreError.self) { try await store.attempts(of: 1) }
    }

    @Test func `mangled JSON never traps`() throws {
        var definition = Sample.job(1, "nightly").definition
        definition.schedule = .every(.seconds(5))
        definition.policy = RunPolicy(retry: RetryPolicy(delay: .list([.seconds(1), .milliseconds(7)])))
        let evidence = Evidence(
            signal: "SIGSEGV", exitStatus: 3, steps: [EndingStep(.killed, at: Instant(microseconds: 1))])
        var random = SplitMix(seed: 7)
        for text in [try JSONText.encode(definition), try JSONText.encode(evidence)] {
            for _ in 0..<2_000 {
                let mangled = String(decoding: random.mangle(Array(text.utf8)), as: UTF8.self)
                _ = try? JSONText.decode(JobDefinition.self, from: mangled, what: "it").policy.timeout?.microseconds
                _ = try? JSONText.decode(Evidence.self, from: mangled, what: "it")
            }
        }
    }
}

/// A seeded source of mutations.
struct SplitMix: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) {
        state = seed
    }

    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xbf58_476d_1ce4_e5b9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
        return mixed ^ (mixed >> 31)
    }

    /// A few bytes changed, taken out or put in.
    mutating func mangle(_ bytes: [UInt8]) -> [UInt8] {
        var bytes = bytes
        for _ in 0..<Int.random(in: 1...4, using: &self) where !bytes.isEmpty {
            let place = Int.random(in: bytes.indices, using: &self)
            switch Int.random(in: 0..<4, using: &self) {
            case 0: bytes.remove(at: place)
            case 1: bytes.insert(UInt8.random(in: 0...255, using: &self), at: place)
            case 2: bytes.removeLast(bytes.count - place)
            default: bytes[place] = UInt8.random(in: 0...255, using: &self)
            }
        }
        return bytes
    }
}
