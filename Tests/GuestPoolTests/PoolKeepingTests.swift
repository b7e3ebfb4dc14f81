import Foundation
import JobModel
import Testing
import TestSupport

@testable import GuestPool

@Suite(.serialized) struct PoolKeepingTests {
    @Test func `A guest is replaced after as many attempts as it is good for`() async throws {
        try await PoolFixture.with { fixture in
            let orders = try (1...7).map { try fixture.noop($0) { $0.attempts = 3 } }
            fixture.run(orders)
            try await fixture.events.waitForAll(1...7)
            var guests: [Int32] = []
            for run in RunID(1)...7 { guests.append(try await fixture.events.end(of: run).guest) }
            #expect(Set(guests).count == 3)
            #expect(Set(guests[0...2]).count == 1 && Set(guests[3...5]).count == 1)
        }
    }

    @Test func `A guest that holds more memory than it may is replaced once its attempt is over`() async throws {
        try await PoolFixture.with { fixture in
            let first = try await fixture.end(of: fixture.noop(1) { $0.memoryBytes = 1 })
            let second = try await fixture.end(of: fixture.noop(2) { $0.memoryBytes = 1 })
            #expect(first.outcome == .succeeded && second.outcome == .succeeded)
            #expect(first.guest != second.guest)
        }
    }

    @Test func `Where one guest is the most there may be, attempts wait for it`() async throws {
        try await PoolFixture.with { fixture in
            var waiting = try fixture.noop(1, "wait") { $0.maximum = 1 }
            // On a busy machine the guest would have to go with it.
            waiting.grace = .seconds(60)
            fixture.run([waiting])
            try await eventually("the first one runs") { await fixture.pool.progress().first }
            fixture.run([try fixture.noop(2, slot: 1) { $0.maximum = 1 }])
            #expect(await fixture.pool.progress().map(\.key.run) == [1])
            fixture.pool.submit([.end(waiting.key, .cancel)])
            let first = try await fixture.events.end(of: 1)
            let second = try await fixture.events.end(of: 2)
            #expect(first.guest == second.guest)
            #expect(fixture.events.ended() == [1, 2])
        }
    }

    @Test func `Where one guest is the most there may be, fresh ones come one after the other`() async throws {
        try await PoolFixture.with { fixture in
            var orders = try (1...6).map { try fixture.noop($0, slot: Int32($0 % 3)) { $0.maximum = 1 } }
            for index in orders.indices { orders[index].isolation = .oneshot }
            fixture.run(orders)
            try await fixture.events.waitForAll(1...6)
            var guests: Set<Int32> = []
            for run in RunID(1)...6 { guests.insert(try await fixture.events.end(of: run).guest) }
            #expect(guests.count == 6)
        }
    }

    @Test func `A minimum of guests is ready before any attempt, and again after one has died`() async throws {
        try await PoolFixture.with { fixture in
            var spec = try fixture.spec("misbehave")
            spec.keeping.minimum = 2
            // While they load, an attempt would get a third one.
            spec.keeping.maximum = 2
            let id = fixture.pool.intern(spec)
            fixture.pool.submit([.warm([id])])
            let ready = try await eventually("two are ready") { fixture.guests.count == 2 ? fixture.guests : nil }
            var order = try fixture.order(1, "segv")
            order.spec = id
            let end = try await fixture.end(of: order)
            #expect(end.outcome == .crashed(.memoryFault))
            try await eventually("there are two again, one of them new") {
                fixture.guests.count == 2 && fixture.guests != ready ? true : nil
            }
            fixture.pool.submit([.retire(digest: spec.digest)])
            try await eventually("none is left") { fixture.guests.isEmpty ? true : nil }
        }
    }

    @Test func `A plugin whose guests come to a bad end with nothing to do is not started for ever`() async throws {
        try await PoolFixture.with { fixture in
            // Its own threads are more: each is ended as the pool looks at it.
            var spec = try fixture.spec("misbehave", limits: GuestLimits(processes: 1))
            spec.keeping.minimum = 1
            fixture.pool.submit([.warm([fixture.pool.intern(spec)])])
            try await eventually("one is started") { fixture.guests.isEmpty ? nil : true }
            try await eventually("none is left") { fixture.guests.isEmpty ? true : nil }
            #expect(try await fixture.end(of: fixture.order(1, "noop", of: "basic")).outcome == .succeeded)
            #expect(fixture.guests.count <= 1)
        }
    }

    @Test func `An idle guest goes, unless it is among the minimum`() async throws {
        try await PoolFixture.with { fixture in
            let keep = { (keeping: inout GuestKeeping) in
                keeping.minimum = 1
                keeping.idle = .milliseconds(20)
            }
            let orders = try (1...3).map { try fixture.noop($0, "wait", slot: Int32($0), keep) }
            fixture.pool.submit([.warm([orders[0].spec])])
            fixture.run(orders)
            try await eventually("three run") { await fixture.pool.progress().count == 3 ? true : nil }
            for order in orders { fixture.pool.submit([.end(order.key, .cancel)]) }
            try await fixture.events.waitForAll(1...3)
            try await eventually("one is left") { fixture.guests.count == 1 ? true : nil }
            let left = fixture.guests
            #expect(try await fixture.end(of: fixture.noop(4, "noop", keep)).outcome == .succeeded)
            #expect(fixture.guests == left)
        }
    }

    @Test func `The minimum is kept of what was named, not of all that runs ask for`() async throws {
        try await PoolFixture.with { fixture in
            let keep = { (keeping: inout GuestKeeping) in
                keeping.minimum = 1
                keeping.idle = .milliseconds(20)
            }
            fixture.pool.submit([.warm([try fixture.noop(1, "noop", keep).spec])])
            let ready = try await eventually("one is ready") { fixture.guests.count == 1 ? fixture.guests : nil }
            let orders = try (RunID(1)...3).map {
                try fixture.noop($0, openFiles: 100 + UInt32($0), slot: Int32($0), keep)
            }
            fixture.run(orders)
            try await fixture.events.waitForAll(1...3)
            try await eventually("only that one is left") { fixture.guests == ready ? true : nil }
        }
    }

    @Test func `An attempt takes the guest that is on its way to be ready`() async throws {
        try await PoolFixture.with { fixture in
            let keep = { (keeping: inout GuestKeeping) in keeping.minimum = 1 }
            let order = try fixture.noop(1, "noop", keep)
            fixture.pool.submit([.warm([order.spec])])
            let first = try await eventually("it was started", every: .milliseconds(1)) {
                fixture.guests.isEmpty ? nil : fixture.guests
            }
            #expect(try await fixture.end(of: order).outcome == .succeeded)
            #expect(fixture.guests == first)
        }
    }

    @Test func `A plugin has no more guests than it may, whatever those are`() async throws {
        try await PoolFixture.with { fixture in
            let orders = try (RunID(1)...5).map {
                var order = try fixture.noop($0, "wait", openFiles: 100 + UInt32($0), slot: Int32($0)) {
                    $0.maximum = 2
                }
                order.grace = .seconds(60)
                return order
            }
            fixture.run(orders)
            for left in stride(from: 5, through: 1, by: -1) {
                let running = try await eventually("as many run as may") {
                    let running = await fixture.pool.progress()
                    return running.count >= min(left, 2) ? running : nil
                }
                #expect(running.count <= 2)
                fixture.pool.submit([.end(try #require(running.first).key, .cancel)])
                try await fixture.events.wait { $0.count { $0.isConclusion } == 6 - left }
            }
            try await eventually("no more than two are kept") { fixture.guests.count <= 2 ? true : nil }
        }
    }

    @Test func `A guest that is kept ready makes way, and another one is ready later`() async throws {
        try await PoolFixture.with { fixture in
            let keep = { (keeping: inout GuestKeeping) in
                (keeping.minimum, keeping.maximum) = (1, 1)
                keeping.idle = .milliseconds(20)
            }
            let plain = try fixture.noop(2, "wait", keep)
            fixture.pool.submit([.warm([plain.spec])])
            let ready = try await eventually("one is ready") { fixture.guests.count == 1 ? fixture.guests : nil }
            let other = try fixture.noop(1, "wait", openFiles: 100, slot: 1, keep)
            fixture.run([other])
            try await eventually("it runs") { await fixture.pool.progress().first }
            let its = try await eventually("in the only one") { fixture.guests.count == 1 ? fixture.guests : nil }
            #expect(its != ready)
            fixture.pool.submit([.end(other.key, .cancel)])
            let again = try await eventually("another one is ready") {
                fixture.guests.count == 1 && fixture.guests.isDisjoint(with: its) ? fixture.guests : nil
            }
            fixture.run([plain])
            try await eventually("it runs") { await fixture.pool.progress().first { $0.key == plain.key } }
            #expect(fixture.guests == again)
        }
    }

    @Test func `A new version is prepared with no more guests than it may have`() async throws {
        try await PoolFixture.with { fixture in
            let keep = { (keeping: inout GuestKeeping) in keeping.maximum = 1 }
            var next = try fixture.noop(1, "noop", keep)
            var spec = try #require(next.spec.spec)
            spec.digest = "next"
            next.spec = fixture.pool.intern(spec)
            #expect(try await fixture.end(of: next).outcome == .succeeded)
            fixture.run([try fixture.noop(2, "wait", slot: 1, keep)])
            try await eventually("it runs") { await fixture.pool.progress().first }
            let guests = fixture.guests
            await fixture.pool.prepare([
                Succession(from: "digest of basic", to: "next", library: spec.library)
            ])
            #expect(guests.count == 2 && fixture.guests == guests)
        }
    }

    @Test func `A plugin that cannot be loaded is given up, whatever its minimum`() async throws {
        try await PoolFixture.with { fixture in
            var spec = try fixture.spec("no-entry")
            spec.keeping.minimum = 1
            let id = fixture.pool.intern(spec)
            fixture.pool.submit([.warm([id])])
            let order = AttemptOrder(
                key: AttemptKey(run: 1, number: 1), slot: 0, spec: id, component: 0, rootRun: 1, params: [],
                limit: .seconds(60))
            #expect(try await fixture.end(of: order).outcome == .crashed(.loadFailed))
            try await eventually("it was given up") { fixture.guests.isEmpty ? true : nil }
        }
    }

    @Test func `The guests of a new version are loaded before it takes over, and it begins in them`() async throws {
        try await PoolFixture.with { fixture in
            fixture.run([try fixture.noop(1, "wait") { _ in }, try fixture.noop(2, "wait", slot: 1) { _ in }])
            try await eventually("two run") { await fixture.pool.progress().count == 2 ? true : nil }
            var next = try fixture.spec("basic")
            await fixture.pool.prepare([Succession(from: next.digest, to: "next", library: next.library)])
            let loaded = fixture.guests
            #expect(loaded.count == 4)
            next.digest = "next"
            var order = try fixture.noop(3, slot: 2) { _ in }
            order.spec = fixture.pool.intern(next)
            #expect(try await fixture.end(of: order).outcome == .succeeded)
            #expect(fixture.guests == loaded)
        }
    }

    @Test func `A new version that cannot be loaded keeps nobody waiting`() async throws {
        try await PoolFixture.with { fixture in
            fixture.run([try fixture.noop(1, "wait") { _ in }])
            try await eventually("it runs") { await fixture.pool.progress().first }
            let next = try fixture.spec("no-entry")
            await fixture.pool.prepare([Succession(from: "digest of basic", to: "next", library: next.library)])
            #expect(await fixture.pool.progress().map(\.key.run) == [1])
        }
    }

    @Test func `What comes together with the word that its version was replaced still goes to its guest`() async throws
    {
        try await PoolFixture.with { fixture in
            let guest = try await fixture.end(of: fixture.noop(1) { _ in }).guest
            let orders = try (RunID(2)...20).map { try fixture.noop($0) { _ in } }
            fixture.pool.submit(orders.map { .run($0) } + [.retire(digest: "digest of basic")])
            try await fixture.events.waitForAll(1...20)
            #expect(fixture.events.neverStarted().isEmpty)
            for run in RunID(2)...20 { #expect(try await fixture.events.end(of: run).guest == guest) }
        }
    }

    @Test func `What outlasts the time to finish in a replaced version is interrupted, what waits goes back`()
        async throws
    {
        try await PoolFixture.with { fixture in
            let keep = { (keeping: inout GuestKeeping) in
                keeping.maximum = 1
                keeping.drain = .milliseconds(20)
            }
            var running = try fixture.noop(1, "wait", keep)
            running.grace = .seconds(60)
            fixture.run([running])
            try await eventually("it runs") { await fixture.pool.progress().first }
            fixture.run([try fixture.noop(2, slot: 1, keep)])
            fixture.pool.submit([.retire(digest: "digest of basic")])
            let end = try await fixture.events.end(of: 1)
            #expect(end.outcome == .interrupted(.replaced))
            #expect(end.message?.hasPrefix("its plugin was replaced, stopped when asked") == true)
            #expect(end.evidence?.reason == "reload")
            #expect(end.evidence?.steps.map(\.kind) == [.asked])
            #expect(fixture.events.neverStarted() == [2])
        }
    }
}

extension PoolFixture {
    /// Scratch folders of the guests there are.
    fileprivate var guests: Set<String> {
        Set((try? FileManager.default.contentsOfDirectory(atPath: scratch)) ?? [])
    }

    /// An order for a component of the fixture `basic`, whose guests are kept as said and may open so many files.
    fileprivate func noop(
        _ run: RunID, _ component: String = "noop", openFiles: UInt32? = nil, slot: Int32 = 0,
        _ keep: (inout GuestKeeping) -> Void
    ) throws -> AttemptOrder {
        var order = try order(run, component, of: "basic", slot: slot)
        var spec = try spec("basic")
        if let openFiles { spec.limits.openFiles = openFiles }
        keep(&spec.keeping)
        order.spec = pool.intern(spec)
        return order
    }
}
