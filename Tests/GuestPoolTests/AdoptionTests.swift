import Foundation
import JobModel
import TestSupport
import Testing

@testable import GuestPool

/// Children that the host is given, and whose they were.
@Suite(.serialized) struct AdoptionTests {
    @Test func `What a guest leaves is killed, and a program of the host's is not`() async throws {
        Adoption.begin()
        defer { Adoption.end() }
        let service = try await Self.service()
        defer { kill(service, SIGKILL) }
        try await eventually("it is given to this process") { Adoption.children.contains(service) ? true : nil }
        let orphan = try await Self.orphanOfGuest()
        #expect(kill(orphan, 0) == -1 && errno == ESRCH)
        #expect(kill(service, 0) == 0 && !ProcessFacts.isZombie(service))

        kill(service, SIGKILL)
        try await eventually("it has ended") { ProcessFacts.isZombie(service) ? true : nil }
        await withCheckedContinuation { done in
            ProcessSweep.hunt(HomeMark(of: "none"), environmentHas: [UUID().uuidString]) { done.resume() }
        }
        #expect(kill(service, 0) == -1 && errno == ESRCH, "it was waited for")
    }

    @Test func `What this process has started itself stays for who started it to wait for`() throws {
        for isHead in [true, false] {
            let child = try Self.start(["/bin/sh", "-c", "exit 3"], inOwnGroup: isHead)
            var end = siginfo_t()
            #expect(waitid(P_PID, id_t(child), &end, WEXITED | WNOWAIT) == 0)
            #expect(ProcessFacts.isZombie(child) && !Adoption.isForgotten(child))
            #expect(Self.status(of: child) == 3)
        }
    }

    /// A program that outlives the command of the host's that started it.
    private static func service() async throws -> Int32 {
        let said = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString)
        defer { try? FileManager.default.removeItem(at: said) }
        let command = "sleep 600 >/dev/null 2>&1 & echo $! >\(said.path)"
        let shell = try start(["/bin/sh", "-c", command], inOwnGroup: true)
        #expect(status(of: shell) == 0)
        let number = try String(contentsOf: said, encoding: .utf8).trimmingCharacters(in: .whitespacesAndNewlines)
        return try #require(Int32(number))
    }

    /// What `hidden-orphan` left; its guest has ended.
    private static func orphanOfGuest() async throws -> Int32 {
        var orphan: Int32?
        try await PoolFixture.with(lacks: .processNamespaces) { fixture in
            let spec = try fixture.spec("hostile", grants: [.subprocess])
            let component = try #require(FixturePlugin.components("hostile").firstIndex(of: "hidden-orphan"))
            let order = AttemptOrder(
                key: AttemptKey(run: 1, number: 1), slot: 0, spec: fixture.pool.intern(spec),
                component: UInt32(component), rootRun: 1, params: Array("{}".utf8), limit: .seconds(60))
            _ = try await fixture.end(of: order)
            await fixture.pool.stop()
            let said = try #require(fixture.events.lines(of: 1, .log).first)
            orphan = Int32(said.dropFirst("orphan ".count))
        }
        return try #require(orphan)
    }

    private static func start(_ words: [String], inOwnGroup: Bool) throws -> pid_t {
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        posix_spawnattr_setflags(&attributes, Int16(inOwnGroup ? POSIX_SPAWN_SETPGROUP : 0))
        let arguments = words.map { strdup($0) } + [nil]
        defer { for argument in arguments { free(argument) } }
        var started: pid_t = 0
        try #require(posix_spawn(&started, words[0], nil, &attributes, arguments, environ) == 0)
        return started
    }

    /// Waits for its end.
    private static func status(of child: pid_t) -> Int32? {
        var status: Int32 = 0
        guard waitpid(child, &status, 0) == child, status & 0x7F == 0 else { return nil }
        return status >> 8
    }
}
