import Foundation
import JobModel
import Testing
import TestSupport

@testable import GuestPool

@Suite(.serialized) struct EndingTests {
    @Test func `A spinning attempt that ignores everything is killed step by step`() async throws {
        try await PoolFixture.with { fixture in
            let order = try fixture.order(1, "spin", limit: .milliseconds(300), grace: .milliseconds(200))
            fixture.run([order, try fixture.order(2, "noop")])
            try await fixture.events.waitForAll(1...2)
            let end = try await fixture.events.end(of: 1)
            #expect(end.outcome == .timedOut)
            let steps = try #require(end.evidence?.steps)
            try #require(steps.map(\.kind) == [.asked, .lastCall, .terminated, .killed, .reaped])
            #expect(steps.map(\.at) == steps.map(\.at).sorted())
            // No step comes before its time, of which a late one before it takes half at most.
            #expect(steps[2].at - steps[0].at >= .milliseconds(100) && steps[3].at - steps[2].at >= .milliseconds(25))
            #expect(end.message?.hasPrefix("limit 300 ms, asked, killed after ") == true)
            #expect(end.evidence?.limit == "wall time 300 ms")
            #expect(end.evidence?.signal == "SIGKILL")
            #expect(end.finishedAt - end.startedAt >= .milliseconds(550))
            #expect(fixture.events.neverStarted() == [2])
        }
    }

    @Test(arguments: [EndReason.shutdown, .reload, .cancel])
    func `An ending that was begun does not wait for its grace when somebody else wants it gone`(
        reason: EndReason
    ) async throws {
        try await PoolFixture.with { fixture in
            let order = try fixture.order(1, "wait-deaf", limit: .seconds(1), grace: .seconds(86400))
            fixture.run([order])
            let deadline = ContinuousClock.now + .seconds(60)
            while await fixture.pool.progress().isEmpty, ContinuousClock.now < deadline {}
            fixture.pool.submit([.end(order.key, reason)])
            fixture.pool.submit([.end(order.key, reason)])
            let end = try await fixture.events.end(of: 1)
            #expect(end.evidence?.steps.map(\.kind).contains(.terminated) == true, "\(end)")
        }
    }

    @Test func `A cooperative attempt that is cancelled ends when asked, and its guest lives on`() async throws {
        try await PoolFixture.with { fixture in
            let order = try fixture.order(1, "reports", grace: .seconds(10))
            fixture.run([order])
            let deadline = ContinuousClock.now + .seconds(60)
            while await fixture.pool.progress().first?.note != "third", ContinuousClock.now < deadline {}
            fixture.pool.submit([.end(order.key, .cancel)])
            let end = try await fixture.events.end(of: 1)
            #expect(end.outcome == .cancelled)
            #expect(end.evidence?.steps.map(\.kind) == [.asked])
            #expect(end.message?.hasPrefix("cancelled, stopped when asked after ") == true)
            #expect(try await fixture.end(of: fixture.order(2, "noop")).guest == end.guest)
        }
    }

    @Test func `A limit that passes is told to a cooperative attempt`() async throws {
        try await PoolFixture.with { fixture in
            let end = try await fixture.end(of: fixture.order(1, "wait", of: "basic", limit: .milliseconds(50)))
            #expect(end.outcome == .timedOut)
            #expect(end.message?.hasPrefix("limit 50 ms, stopped when asked after ") == true)
        }
    }

    @Test func `An attempt sent ahead that is cancelled is taken back`() async throws {
        try await PoolFixture.with { fixture in
            let running = try fixture.order(1, "wait", of: "basic", grace: .seconds(10))
            let ahead = try fixture.order(2, "noop", of: "basic")
            fixture.run([running, ahead, try fixture.order(3, "noop", of: "basic")])
            let deadline = ContinuousClock.now + .seconds(60)
            while await fixture.pool.progress().isEmpty, ContinuousClock.now < deadline {}
            fixture.pool.submit([.end(ahead.key, .cancel)])
            try await fixture.events.wait { $0.contains { $0.concludes(2) } }
            #expect(fixture.events.neverStarted() == [2])
            fixture.pool.submit([.end(running.key, .cancel)])
            #expect(try await fixture.events.end(of: 3).outcome == .succeeded)
        }
    }

    @Test func `A cancelled attempt that no guest has yet is dropped`() async throws {
        try await PoolFixture.with { fixture in
            let order = try fixture.order(1, "spin")
            fixture.pool.submit([.run(order), .end(order.key, .cancel)])
            try await fixture.events.wait { $0.contains { $0.concludes(1) } }
            #expect(fixture.events.neverStarted() == [1])
        }
    }

    @Test func `Garbage on the protocol's descriptor is a violation`() async throws {
        try await PoolFixture.with { fixture in
            let end = try await fixture.end(of: fixture.order(1, "write-garbage"))
            #expect(end.outcome == .crashed(.protocolViolation))
            #expect(end.message == "broke the protocol: bytes that are no frame")
        }
    }

    @Test func `The second end of one attempt is a violation that costs the next one`() async throws {
        try await PoolFixture.with { fixture in
            fixture.run([try fixture.order(1, "done-twice"), try fixture.order(2, "reports")])
            try await fixture.events.waitForAll(1...2)
            #expect(try await fixture.events.end(of: 1).outcome == .succeeded)
            let second = try await fixture.events.end(of: 2)
            #expect(second.outcome == .crashed(.protocolViolation))
        }
    }

    @Test func `An attempt that dies of a signal meant for the one before it is interrupted, not charged`() async throws
    {
        try await PoolFixture.with { fixture in
            let first = try fixture.order(1, "done-at-term", limit: .milliseconds(50), grace: .milliseconds(50))
            fixture.run([first, try fixture.order(2, "reports")])
            try await fixture.events.waitForAll(1...2)
            #expect(try await fixture.events.end(of: 1).outcome == .timedOut)
            #expect(try await fixture.events.end(of: 2).outcome == .interrupted(.siblingKilled))
        }
    }

    /// What it waited for, such as a program of its own, may have ended of the same signal.
    @Test func `A success that is announced after SIGTERM is none`() async throws {
        try await PoolFixture.with { fixture in
            let order = try fixture.order(1, "done-at-term", limit: .milliseconds(50), grace: .milliseconds(50))
            let end = try await fixture.end(of: order)
            #expect(end.outcome == .timedOut)
            #expect(end.message?.hasPrefix("limit 50 ms, stopped when asked and terminated after ") == true)
            #expect(end.evidence?.steps.map(\.kind) == [.asked, .lastCall, .terminated])
        }
    }

    @Test func `A log line of an attempt that is over costs the next one nothing`() async throws {
        try await PoolFixture.with { fixture in
            fixture.run([try fixture.order(1, "noop"), try fixture.order(2, "log-late")])
            try await fixture.events.waitForAll(1...2)
            #expect(try await fixture.events.end(of: 2).outcome == .succeeded)
            #expect(fixture.events.lines(of: 2, .log).isEmpty)
        }
    }

    @Test(arguments: [("abort", CrashClass.abort, "SIGABRT"), ("exit", .calledExit, "called exit(3)")])
    func `A guest that may start programs dies as clearly as any other`(
        component: String, kind: CrashClass, message: String
    ) async throws {
        try await PoolFixture.with { fixture in
            let end = try await fixture.end(of: fixture.order(1, component, grants: [.subprocess]))
            #expect(end.outcome == .crashed(kind))
            #expect(end.message == message)
        }
    }

    @Test func `SIGTERM from outside is told from one that a plugin sends itself`() async throws {
        try await PoolFixture.with { fixture in
            fixture.run([try fixture.order(1, "wait-deaf", limit: nil, grants: [.subprocess])])
            let guest = try await eventually("it runs") { await fixture.pool.progress().first?.guest }
            kill(guest, SIGTERM)
            let end = try await fixture.events.end(of: 1)
            #expect(end.outcome == .crashed(.killedExternally), "\(end)")
            #expect(end.message == "SIGTERM")
        }
    }

    @Test func `SIGTERM ends a guest that may start programs`() async throws {
        try await PoolFixture.with { fixture in
            let order = try fixture.order(
                1, "wait-deaf", limit: .milliseconds(50), grace: .milliseconds(50), grants: [.subprocess])
            let end = try await fixture.end(of: order)
            #expect(end.outcome == .timedOut)
            #expect(end.evidence?.signal == "SIGTERM")
        }
    }

    @Test func `A guest whose descriptors were closed under it is ended`() async throws {
        try await PoolFixture.with { fixture in
            let order = try fixture.order(1, "close-descriptors", limit: .milliseconds(300))
            let end = try await fixture.end(of: order)
            // A guest that waits in a call on a descriptor keeps it open until that call returns.
            let expected: [Outcome] = [.crashed(.protocolLost), .crashed(.calledExit), .timedOut]
            #expect(expected.contains(end.outcome), "\(end)")
            #expect(try await fixture.end(of: fixture.order(2, "noop")).outcome == .succeeded)
        }
    }

    @Test func `Programs that a plugin started die with its guest`() async throws {
        try await PoolFixture.with { fixture in
            let end = try await fixture.end(of: fixture.order(1, "starts-program", grants: [.subprocess]))
            #expect(end.outcome == .succeeded, "\(end.message ?? "")")
            let kill = try fixture.order(2, "segv", grants: [.subprocess])
            #expect(try await fixture.end(of: kill).outcome == .crashed(.memoryFault))
            await fixture.pool.stop()
            #expect(GuestPool.sweep(marker: fixture.marker) == 0)
        }
    }

    @Test func `A sweep kills what carries the marker and nothing else`() async throws {
        let marker = UUID().uuidString
        let leftover = Process()
        leftover.executableURL = URL(fileURLWithPath: "/bin/sleep")
        leftover.arguments = ["600"]
        leftover.environment = ["BERTH_GUEST": marker]
        try leftover.run()
        defer { leftover.terminate() }
        #expect(GuestPool.sweep(marker: "\(marker)-other") == 0)
        #expect(leftover.isRunning)
        // The kernel shows the environment of a program a moment after it was started.
        try await eventually("the program is found") { GuestPool.sweep(marker: marker) == 1 ? true : nil }
        try await eventually("the program has ended") { leftover.isRunning ? nil : true }
        #expect(leftover.terminationStatus == SIGKILL)
    }
}
