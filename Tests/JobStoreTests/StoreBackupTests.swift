import Foundation
import GRDB
import JobModel
import Testing

@testable import JobStore

@Suite struct StoreBackupTests {
    let home: TemporaryHome
    let other: TemporaryHome
    private var backup: String { "\(other.path)/backup" }

    init() throws {
        home = try TemporaryHome()
        other = try TemporaryHome()
    }

    @Test func `a copy made while batches are applied is whole and becomes a home`() async throws {
        try await StoreCheckTests.fill(home)
        let store = try home.open()
        let writing = Task {
            for id in RunID(100)..<400 { _ = try await store.apply([.insert(Sample.run(id)), Sample.start(id)]) }
        }
        let summary = try StoreBackup.make(of: home.path, into: backup)
        try await writing.value
        #expect(summary.runs >= 11 && summary.jobs == 1 && summary.outputs == 1 && summary.bytes > Blobs.threshold)
        let fresh = try TemporaryHome()
        #expect(try StoreRestore(home: fresh.path, backup: backup).restore(replacing: false, at: now) == nil)
        let restored = try fresh.open()
        #expect(try await restored.run(9)?.output.count == Blobs.threshold + 1)
        #expect(try await restored.counts().values.reduce(0, +) == Int(summary.runs))
        #expect(try restored.load().lastRunID >= 11)
    }

    @Test func `an output that is pruned while the copy is made is missing in it, and nothing else`() async throws {
        try await StoreCheckTests.fill(home)
        try FileCopy.makeFolder(backup)
        try StoreBackup.copyDatabases(of: home.path, to: backup)
        let store = try home.open()
        await store.forget(try await store.onWriter { try $0.prune([9]) })
        #expect(!FileCopy.exists("\(home.path)/blobs/9-1"))
        try StoreBackup.copyOutputs(of: home.path, to: backup)
        #expect(try FileManager.default.contentsOfDirectory(atPath: "\(backup)/blobs").isEmpty)
        let copy = try JobStore(home: backup, logger: quietLogger)
        #expect(try await copy.run(9)?.output == [])
        #expect(try await copy.run(9)?.state == .succeeded)
        copy.close()
        let findings = StoreCheck(home: backup, isLive: false, now: now).findings()
        #expect(findings.allSatisfy { $0.verdict == .good }, "\(findings)")
    }

    @Test func `a folder that is there is left alone`() async throws {
        try await StoreCheckTests.fill(home)
        try FileManager.default.createDirectory(atPath: backup, withIntermediateDirectories: false)
        #expect(throws: StoreError.self) { try StoreBackup.make(of: home.path, into: backup) }
        #expect(try FileManager.default.contentsOfDirectory(atPath: other.path) == ["backup"])
    }

    @Test func `a copy that cannot be finished is not there at all`() async throws {
        try await StoreCheckTests.fill(home)
        try FileManager.default.removeItem(atPath: "\(home.path)/blobs/9-1")
        #expect(throws: StoreError.self) { try StoreBackup.make(of: home.path, into: backup) }
        #expect(try FileManager.default.contentsOfDirectory(atPath: other.path).isEmpty)
    }

    @Test func `a store is replaced only when asked, and then kept aside`() async throws {
        try await StoreCheckTests.fill(home)
        _ = try StoreBackup.make(of: home.path, into: backup)
        let store = try home.open()
        _ = try await store.apply([.insert(Sample.run(50))])
        store.close()
        let restore = StoreRestore(home: home.path, backup: backup)
        #expect(throws: StoreError.self) { try restore.restore(replacing: false, at: now) }
        #expect(try await home.open().run(50) != nil)
        let aside = try #require(try restore.restore(replacing: true, at: now))
        #expect(try await home.open().run(50) == nil)
        #expect(try await JobStore(home: aside, logger: quietLogger).run(50) != nil)
    }

    @Test func `a restore that was cut short is no empty store, and can be made again`() async throws {
        try await StoreCheckTests.fill(home)
        _ = try StoreBackup.make(of: home.path, into: backup)
        // As a restore leaves it that is killed once the old store has gone.
        try FileManager.default.moveItem(atPath: "\(home.path)/berth.db", toPath: "\(other.path)/berth.db")
        try Data([1, 2, 3]).write(to: URL(fileURLWithPath: "\(home.path)/berth.db-wal"))
        try FileCopy.makeFolder("\(home.path)/restore.part")
        #expect(throws: StoreError.self) { try home.open() }
        #expect(!FileCopy.exists("\(home.path)/berth.db"))
        let found = StoreCheck(home: home.path, isLive: false, now: now).findings()
        #expect(found.map(\.verdict) == [.broken], "\(found)")
        let aside = try #require(
            try StoreRestore(home: home.path, backup: backup).restore(replacing: false, at: now))
        #expect(FileCopy.exists("\(aside)/berth.db-wal") && FileCopy.exists("\(aside)/blobs/9-1"))
        #expect(try await home.open().run(9)?.output.count == Blobs.threshold + 1)
    }

    @Test(arguments: ["berth.db", "blobs/9-1"])
    func `a damaged backup changes nothing`(damaged: String) async throws {
        try await StoreCheckTests.fill(home)
        _ = try StoreBackup.make(of: home.path, into: backup)
        if damaged == "berth.db" {
            let file = try #require(FileHandle(forUpdatingAtPath: "\(backup)/berth.db"))
            try file.seek(toOffset: 4096 * 3)
            try file.write(contentsOf: Data(repeating: 0xAB, count: 4096 * 4))
            try file.close()
        } else {
            try FileManager.default.removeItem(atPath: "\(backup)/\(damaged)")
        }
        #expect(throws: StoreError.self) {
            try StoreRestore(home: home.path, backup: backup).restore(replacing: true, at: now)
        }
        #expect(try await home.open().run(9)?.output.isEmpty == false)
        #expect(try FileManager.default.contentsOfDirectory(atPath: home.path).allSatisfy { !$0.hasPrefix("re") })
    }

    private var now: Instant { Instant(microseconds: 1_000_000) }
}
