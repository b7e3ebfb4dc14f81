import Foundation
import JobModel
import Testing
import TestSupport

@testable import GuestPool

@Suite(.serialized) struct GuestPoolTests {
    @Test func `An attempt succeeds and its output comes back, however long`() async throws {
        try await PoolFixture.with { fixture in
            for (run, size) in [(RunID(1), 10), (2, 70_000), (3, 3 << 20)] {
                let params = (0..<size).map { UInt8(truncatingIfNeeded: $0 &* 31) }
                let end = try await fixture.end(of: fixture.order(run, "echo", of: "basic", params: params))
                #expect(end.outcome == .succeeded)
                #expect(end.output == params)
                #expect(end.guest > 0)
                #expect(end.startedAt <= end.finishedAt)
                #expect(end.message == nil)
            }
        }
    }

    @Test func `A thousand attempts sent ahead end in their order in one guest`() async throws {
        try await PoolFixture.with { fixture in
            fixture.run(try (1...1000).map { try fixture.order(RunID($0), "noop") })
            try await fixture.events.waitForAll(1...1000)
            #expect(fixture.events.ended() == (1...1000).map { RunID($0) })
            let guests = Set(
                fixture.events.all.compactMap { if case .ended(_, let end) = $0 { end.guest } else { nil } })
            #expect(guests.count == 1)
        }
    }

    @Test(arguments: [
        ("segv", CrashClass.memoryFault, "SIGSEGV, last breadcrumb \"row 7\""), ("abort", .abort, "SIGABRT"),
        ("exit", .calledExit, "called exit(3)"), ("divide", .arithmetic, "SIGFPE"),
        ("trap", .runtimeTrap, "SIGILL"),
    ])
    func `Only the attempt that killed its guest is charged`(
        component: String, kind: CrashClass, message: String
    ) async throws {
        try await PoolFixture.with { fixture in
            let names = ["noop", "noop", component, "noop", "noop"]
            fixture.run(try names.enumerated().map { try fixture.order(RunID($0 + 1), $1) })
            try await fixture.events.waitForAll(1...5)
            #expect(fixture.events.ended() == [1, 2, 3])
            #expect(fixture.events.neverStarted() == [4, 5])
            let end = try await fixture.events.end(of: 3)
            #expect(end.outcome == .crashed(kind))
            #expect(end.message == message)
            let next = try await fixture.end(of: fixture.order(6, "noop"))
            #expect(next.outcome == .succeeded)
        }
    }

    @Test(arguments: [
        ("in-init", "SIGSEGV in init or parse_args, last breadcrumb \"here\""),
        ("in-destroy", "SIGSEGV in destroy or cleanup"),
    ])
    func `A crash says in which call it was`(component: String, message: String) async throws {
        try await PoolFixture.with { fixture in
            let end = try await fixture.end(of: fixture.order(1, component, of: "places"))
            #expect(end.outcome == .crashed(.memoryFault))
            #expect(end.message == message)
        }
    }

    @Test func `Codes are judged by their range and the plugin's words come through`() async throws {
        try await PoolFixture.with { fixture in
            let end = try await fixture.end(of: fixture.order(1, "fails"))
            #expect(end.outcome == .failed(retryable: true))
            #expect(end.code == 2)
            #expect(end.message == "come back later")
            #expect(end.retryAfter == .milliseconds(1500))
        }
    }

    @Test func `Slots work side by side, and a slot changes its guest with the spec`() async throws {
        try await PoolFixture.with { fixture in
            let waiting = try fixture.order(1, "wait", of: "basic", slot: 1)
            fixture.run([waiting])
            try await eventually("the first attempt runs") { await fixture.pool.progress().first }
            let orders = [
                try fixture.order(2, "noop", slot: 0), try fixture.order(3, "noop", of: "basic", slot: 0),
                try fixture.order(4, "noop", slot: 0),
            ]
            fixture.run(orders)
            try await fixture.events.waitForAll(2...4)
            #expect(fixture.events.ended() == [2, 3, 4])
            fixture.pool.submit([.end(waiting.key, .cancel)])
            #expect(try await fixture.events.end(of: 1).outcome == .cancelled)
        }
    }

    @Test func `An order for a component that is not there fails with words`() async throws {
        try await PoolFixture.with { fixture in
            var order = try fixture.order(1, "noop")
            order.component = 99
            let end = try await fixture.end(of: order)
            #expect(end.outcome == .failed(retryable: false))
            #expect(end.message?.contains("index 99") == true)
        }
    }

    @Test func `Progress and breadcrumb of a running attempt can be seen`() async throws {
        try await PoolFixture.with { fixture in
            let order = try fixture.order(1, "reports")
            fixture.run([order])
            var seen: [AttemptProgress] = []
            let end = ContinuousClock.now + .seconds(10)
            while seen.first?.note != "third", ContinuousClock.now < end { seen = await fixture.pool.progress() }
            #expect(seen.first?.key == order.key)
            #expect(seen.first?.done == 3)
            #expect(seen.first?.total == 10)
            #expect(seen.first?.breadcrumb == "here")
        }
    }

    @Test func `What an attempt left in its scratch folder is gone before the next`() async throws {
        try await PoolFixture.with { fixture in
            for run in RunID(1)...3 {
                let end = try await fixture.end(of: fixture.order(run, "leaves-file"))
                #expect(end.outcome == .succeeded, "\(run): \(end.message ?? "")")
            }
            let folders = try FileManager.default.contentsOfDirectory(atPath: fixture.scratch)
            #expect(folders.count == 1)
            await fixture.pool.stop()
            #expect(try FileManager.default.contentsOfDirectory(atPath: fixture.scratch).isEmpty)
        }
    }

    @Test func `Attempts sent ahead find nothing of each other in the scratch folder`() async throws {
        try await PoolFixture.with { fixture in
            fixture.run(try (1...20).map { try fixture.order(RunID($0), "leaves-file") })
            try await fixture.events.waitForAll(1...20)
            for run in RunID(1)...20 {
                #expect(try await fixture.events.end(of: run).outcome == .succeeded)
            }
        }
    }

    @Test func `Stopping interrupts what runs and hands back what waits`() async throws {
        try await PoolFixture.with { fixture in
            fixture.run([try fixture.order(1, "reports"), try fixture.order(2, "noop")])
            let end = ContinuousClock.now + .seconds(10)
            while await fixture.pool.progress().isEmpty, ContinuousClock.now < end {}
            await fixture.pool.stop()
            #expect(try await fixture.events.end(of: 1).outcome == .interrupted(.shutdown))
            #expect(fixture.events.neverStarted() == [2])
            fixture.run([try fixture.order(3, "noop")])
            #expect(fixture.events.neverStarted() == [2, 3])
        }
    }

    @Test func `A retired digest's guest ends when its attempts have`() async throws {
        try await PoolFixture.with { fixture in
            let first = try await fixture.end(of: fixture.order(1, "noop"))
            fixture.pool.submit([.retire(digest: "digest of misbehave")])
            let second = try await fixture.end(of: fixture.order(2, "noop"))
            #expect(second.outcome == .succeeded)
            #expect(first.guest != second.guest)
        }
    }
}
