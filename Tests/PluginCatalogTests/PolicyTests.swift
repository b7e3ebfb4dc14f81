import Foundation
import GuestPool
import JobModel
import Synchronization
import Testing

@testable import PluginCatalog

/// Which files may be used at all.
struct PolicyTests {
    @Test func `Under enforce a plugin is used once it is on the list, and no longer than that`() async throws {
        let kitchen = try Kitchen()
        try kitchen.keepToUs()
        try kitchen.drop(Sample.bytes(), "a.so")
        try await kitchen.serve(policy: PluginPolicy(mode: .enforce)) { catalog in
            let refused = try await catalog.reach("a.so", .rejected)
            #expect(refused.reason?.contains("berth plugin allow \(refused.digest)") == true)
            #expect(kitchen.probes.isEmpty)
            try await catalog.allow(refused.digest, by: "cli")
            try await catalog.reach("a.so", .active)
            #expect(catalog.snapshot.allowed[refused.digest]?.by == "cli")
        }
        try await kitchen.serve(policy: PluginPolicy(mode: .enforce)) { catalog in
            let record = try await catalog.reach("a.so", .active)
            try await catalog.forbid(record.digest)
            #expect(catalog.snapshot.record("a.so")?.state == .rejected)
            #expect(catalog.snapshot.components.isEmpty)
        }
    }

    @Test func `Under enforce nobody goes back to a version that is on no list`() async throws {
        let kitchen = try Kitchen()
        try kitchen.keepToUs()
        try kitchen.drop(Sample.bytes("sample", "1.0.1"), "a.so")
        try await kitchen.serve { catalog in try await catalog.reach("a.so", .active) }
        let second = try Sample.bytes("sample", "1.0.2")
        try kitchen.drop(second, "a.so")
        try await kitchen.serve(policy: PluginPolicy(mode: .enforce, allowed: [Digest.of(second)])) { catalog in
            try await catalog.reach("a.so", .active)
            let standing = try #require(catalog.snapshot.standings["sample"])
            #expect(standing.lineage.generations.map(\.version) == ["1.0.1", "1.0.2"])
            #expect(standing.previous == nil)
            await #expect(throws: PluginRefusal.nothingBefore("sample", version: "1.0.2")) {
                try await catalog.goBack("sample", by: "cli", reason: nil)
            }
        }
    }

    @Test func `A digest that the configuration lists is used, and only there taken off`() async throws {
        let kitchen = try Kitchen()
        try kitchen.keepToUs()
        let digest = try Digest.of(Sample.bytes())
        try kitchen.drop(Sample.bytes(), "a.so")
        try await kitchen.serve(policy: PluginPolicy(mode: .enforce, allowed: [digest])) { catalog in
            try await catalog.reach("a.so", .active)
            await #expect(throws: PluginRefusal.allowedByConfiguration(digest)) { try await catalog.forbid(digest) }
            await #expect(throws: PluginRefusal.notADigest("abc")) { try await catalog.allow("abc", by: "cli") }
        }
    }

    @Test func `Under warn a plugin that is on no list is used, with a warning`() async throws {
        let kitchen = try Kitchen()
        try kitchen.keepToUs()
        try kitchen.drop(Sample.bytes(), "a.so")
        try await kitchen.serve(policy: PluginPolicy(mode: .warn)) { catalog in
            let record = try await catalog.reach("a.so", .active)
            #expect(record.warning?.contains("not on the list") == true)
        }
    }

    @Test func `Under enforce nothing is taken from a folder or file that others can write to`() async throws {
        let kitchen = try Kitchen()
        try kitchen.keepToUs()
        let policy = PluginPolicy(mode: .enforce, allowed: [try Digest.of(Sample.bytes())])
        try kitchen.drop(Sample.bytes(), "open.so", mode: 0o666)
        try kitchen.drop(Sample.bytes(), "ours.so")
        try await kitchen.serve(policy: policy) { catalog in
            let open = try await catalog.reach("open.so", .rejected)
            #expect(open.reason?.contains("can be written to by others (mode 666)") == true)
            try await catalog.reach("ours.so", .active)
        }
        try #require(chmod(kitchen.folder.path, 0o777) == 0)
        try await kitchen.serve(policy: policy) { catalog in
            let record = try await catalog.reach("ours.so", .rejected)
            #expect(record.reason?.hasPrefix("the folder \(kitchen.folder.path) can be written to by others") == true)
        }
    }

    @Test func `A folder that is closed to others is taken from without a restart`() async throws {
        let kitchen = try Kitchen()
        try kitchen.keepToUs()
        try kitchen.drop(Sample.bytes(), "a.so")
        try #require(chmod(kitchen.folder.path, 0o777) == 0)
        let policy = PluginPolicy(mode: .enforce, allowed: [try Digest.of(Sample.bytes())])
        try await kitchen.serve(policy: policy) { catalog in
            try await catalog.reach("a.so", .rejected)
            try #require(chmod(kitchen.folder.path, 0o755) == 0)
            try await catalog.reach("a.so", .active)
            // What is in use stays, and nothing more is taken.
            try #require(chmod(kitchen.folder.path, 0o777) == 0)
            try await catalog.reach("a.so", .rejected)
            #expect(!catalog.snapshot.components.isEmpty)
        }
    }

    @Test func `A folder below one that others can write to is open, unless that one is sticky`() throws {
        let kitchen = try Kitchen()
        try kitchen.keepToUs()
        try kitchen.drop([1], "a.so")
        #expect(FolderGuard().fault(file: kitchen.path("a.so"), in: kitchen.folder.path) == nil)
        try #require(chmod(kitchen.home.path, 0o777) == 0)
        let fault = FolderGuard().fault(file: kitchen.path("a.so"), in: kitchen.folder.path)
        #expect(fault == .openFolder(path: kitchen.home.path, why: "can be written to by others (mode 777)"))
        try #require(chmod(kitchen.home.path, 0o1777) == 0)
        #expect(FolderGuard().fault(file: kitchen.path("a.so"), in: kitchen.folder.path) == nil)
    }

    @Test func `A probe that somebody else ended is made again, one that crashed is not`() async throws {
        let kitchen = try Kitchen()
        kitchen.failures.withLock {
            $0 = [ProbeFailure(stage: .crashed, message: "crashed while loading: SIGKILL", isCircumstance: true)]
        }
        try await kitchen.serve { catalog in
            try kitchen.drop(Sample.bytes(), "a.so")
            let waiting = try await catalog.reach("a probe put off") { $0.record("a.so")?.reason != nil }
            #expect(waiting.record("a.so")?.state == .checking)
            try await catalog.reach("a.so", .active)
            #expect(kitchen.probes.count == 2)
            kitchen.failures.withLock { $0 = [ProbeFailure(stage: .crashed, message: "SIGSEGV")] }
            try kitchen.drop(Sample.bytes("other"), "b.so")
            try await catalog.reach("b.so", .rejected)
            // A person may know better.
            try await catalog.release("b.so")
            try await catalog.reach("b.so", .active)
        }
    }
}

extension Kitchen {
    fileprivate func keepToUs() throws {
        for path in [home.path, folder.path] { try #require(chmod(path, 0o755) == 0) }
    }
}
