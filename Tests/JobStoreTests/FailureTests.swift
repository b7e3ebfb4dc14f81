import Foundation
import GRDB
import JobModel
import Testing

@testable import JobStore

@Suite struct FailureTests {
    let home: TemporaryHome

    init() throws {
        home = try TemporaryHome()
    }

    @Test func `a full disk fails the batch whole and the store goes on`() async throws {
        let store = try home.open()
        _ = try await store.apply([.insert(Sample.run(1)), Sample.start(1)])
        try await store.onWriter { db in
            let pages = try Int.fetchOne(db, sql: "PRAGMA page_count") ?? 0
            _ = try Int.fetchOne(db, sql: "PRAGMA max_page_count = \(pages + 4)")
        }
        var big = Sample.run(2)
        big.queue = "new"
        big.policy = RunPolicy(timeout: .seconds(1))
        big.params = Array(repeating: 0x20, count: 100_000)
        let batch: [Mutation] = [Sample.finish(1), .insert(big)]
        await #expect {
            try await store.apply(batch)
        } throws: { error in
            guard case StoreError.faulty(.diskFull, let reason) = error else { return false }
            return reason.contains("full")
        }
        #expect(try await store.run(1)?.state == .running)
        #expect(try await store.run(2) == nil)
        #expect(try await store.counts() == [.running: 1])
        #expect(try store.load().lastRunID == 1)

        _ = try await store.reopened().get()
        #expect(try await store.words(batch) == ["applied", "applied"])
        #expect(try await store.run(2) == big, "its queue and policy must have been named anew")
    }

    @Test func `an output that cannot be stored fails the batch`() async throws {
        let store = try home.open()
        _ = try await store.apply([.insert(Sample.run(1)), Sample.start(1)])
        try FileManager.default.removeItem(atPath: "\(home.path)/blobs")
        let output = [UInt8](repeating: 1, count: Blobs.threshold + 1)
        await #expect(throws: StoreError.self) {
            try await store.apply([Sample.finish(1, end: Sample.end(output: output))])
        }
        #expect(try await store.run(1)?.state == .running)
        _ = try await store.reopened().get()
        #expect(try await store.words([Sample.finish(1)]) == ["applied"])
    }

    @Test func `what was handed in behind a batch that failed is not applied either, until the store is opened anew`()
        async throws
    {
        let store = try home.open()
        _ = try await store.apply([.putJob(Sample.job(1, "tick")), .insert(Sample.run(1)), Sample.start(1)])
        try FileManager.default.removeItem(atPath: "\(home.path)/blobs")
        let output = [UInt8](repeating: 1, count: Blobs.threshold + 1)
        async let first = store.result([
            Sample.finish(1, end: Sample.end(output: output)), .setWatermark(1, Instant(microseconds: 10)),
        ])
        guard case .failure = await first else {
            Issue.record("it was stored")
            return
        }
        guard case .failure = await store.result([.setWatermark(1, Instant(microseconds: 11))]) else {
            Issue.record("the watermark passed over what was lost")
            return
        }
        #expect(try await store.reopened().get().jobs.first?.watermark == nil)
        #expect(try await store.words([.setWatermark(1, Instant(microseconds: 10))]) == ["applied"])
    }

    @Test func `batches are applied in the order submitted and each is answered once`() async throws {
        let store = try home.open()
        let log = Log()
        for id in RunID(1)...500 {
            store.submit([.insert(Sample.run(id))]) { _ in log.add(id) }
        }
        store.close()
        #expect(log.ids == Array(1...500))
    }

    @Test(.timeLimit(.minutes(5)))
    func `kill -9 in the middle of commits loses nothing that was acknowledged`() async throws {
        let acknowledged = try await Victim.killed(after: 300, home: home.path)
        #expect(acknowledged.count >= 300)
        let store = try home.open()
        for id in acknowledged {
            let run = try #require(try await store.run(id), "run \(id) was acknowledged and is gone")
            #expect(run.state == .succeeded)
            #expect(try await store.attempts(of: id).count == 1)
        }
        let last = try store.load().lastRunID
        #expect(last >= acknowledged.max() ?? 0)
        let kept = try await store.counts().values.reduce(0, +)
        let rows = try await store.onWriter { try Int.fetchOne($0, sql: "SELECT count(*) FROM runs") }
        #expect(rows == kept)
        let health = try await store.onWriter { try String.fetchOne($0, sql: "PRAGMA integrity_check") }
        #expect(health == "ok")
    }

    /// Not a test: what the process runs that the test above starts and kills.
    @Test(.enabled(if: Victim.home != nil))
    func `victim of the kill test`() async throws {
        let store = try JobStore(home: try #require(Victim.home), logger: quietLogger)
        for id in RunID(1)... {
            _ = try await store.apply([.insert(Sample.run(id)), Sample.start(id)])
            _ = try await store.apply([Sample.finish(id)])
            Victim.acknowledge(id)
        }
    }
}

/// This test program, started once more to be killed.
enum Victim {
    private static let variable = "BERTH_STORE_VICTIM_HOME"

    static var home: String? { ProcessInfo.processInfo.environment[variable] }

    static func acknowledge(_ id: RunID) {
        FileHandle.standardOutput.write(Data("\nack \(id)\n".utf8))
    }

    /// The ids it had acknowledged when it was killed.
    static func killed(after count: Int, home: String) async throws -> [RunID] {
        let process = Process()
        let output = Pipe()
        process.executableURL = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath()
        process.arguments = ["--testing-library", "swift-testing", "--filter", "victim of the kill test"]
        process.environment = ProcessInfo.processInfo.environment.merging([variable: home]) { $1 }
        process.standardOutput = output
        try process.run()
        return await withCheckedContinuation { continuation in
            DispatchQueue.global().async {
                var text = Data()
                while true {
                    let more = output.fileHandleForReading.availableData
                    text += more
                    if more.isEmpty { break }
                    if ids(text).count >= count { kill(process.processIdentifier, SIGKILL) }
                }
                process.waitUntilExit()
                continuation.resume(returning: ids(text))
            }
        }
    }

    private static func ids(_ text: Data) -> [RunID] {
        // A last line without its end may be half a number.
        String(decoding: text, as: UTF8.self).split(separator: "\n", omittingEmptySubsequences: false).dropLast()
            .compactMap { $0.hasPrefix("ack ") ? RunID($0.dropFirst(4)) : nil }
    }
}
