import Foundation
import JobModel
import TestSupport
import Testing

@testable import GuestPool

/// What a guest lays into its folder, and what is left of the disk.
@Suite(.serialized) struct ScratchWatchTests {
    @Test(.enabled(if: getuid() == 0)) func `Files that were removed and are still open are found`() async throws {
        try await PoolFixture.with { fixture in
            let end = try await Self.end(of: "nameless-scratch-hog", limit: 8 << 20, fixture)
            #expect(end.outcome == .crashed(.scratchLimit))
            #expect(end.message == "stopped at its scratch limit of 8 MiB")
            #expect(end.evidence?.limit == "scratch 8 MiB")
        }
    }

    @Test func `What one attempt left is not held against the next one in its guest`() throws {
        let lone = try LoneGuest(GuestSpec(library: "/none", digest: "none"))
        defer { lone.close() }
        let scratch = lone.guest.process.scratch
        var watch = ScratchWatch(1 << 20, of: scratch, process: lone.guest.process.pid, now: 0)
        try Data(repeating: 1, count: 2 << 20).write(to: URL(fileURLWithPath: scratch.path + "/file"))
        #expect(watch.look(at: 0) == nil, "nobody has looked yet")
        ScratchWatch.queue.sync {}
        var late = watch
        #expect(late.look(at: watch.nextLook) == .scratch(1 << 20))
        watch.forget()
        #expect(watch.look(at: watch.nextLook) == nil)
    }

    @Test func `Without a limit nobody looks`() throws {
        let lone = try LoneGuest(GuestSpec(library: "/none", digest: "none", limits: GuestLimits(scratchBytes: 0)))
        defer { lone.close() }
        #expect(lone.guest.scratchWatch.nextLook == .max)
    }

    @Test func `With little room on the disk nothing is started, and it goes on when there is some`() async throws {
        try await PoolFixture.with(freeSpace: .max) { fixture in
            fixture.run([try fixture.order(1, "noop")])
            try await fixture.events.wait { events in
                events.contains { if case .noRoom(let words) = $0 { words.contains("are free at") } else { false } }
            }
            #expect(fixture.events.all.contains { if case .neverStarted(let key) = $0 { key.run == 1 } else { false } })
        }
        var room = DiskRoom("/", floor: .max)
        #expect(room.shortage(at: 0) != nil)
        room = DiskRoom("/", floor: 1)
        #expect(room.shortage(at: 0) == nil)
    }

    private static func end(of component: String, limit: UInt64, _ fixture: PoolFixture) async throws -> AttemptEnd {
        let spec = try fixture.spec("hostile", limits: GuestLimits(scratchBytes: limit))
        guard case .loaded(let plugin, _) = await fixture.pool.probe(spec, deadline: .seconds(60)) else {
            throw FixtureError.notCompiled("hostile")
        }
        let index = try #require(plugin.components.firstIndex { $0.id == component })
        return try await fixture.end(
            of: AttemptOrder(
                key: AttemptKey(run: 1, number: 1), slot: 0, spec: fixture.pool.intern(spec), component: UInt32(index),
                rootRun: 1, params: Array("{}".utf8), limit: .seconds(60)))
    }
}
