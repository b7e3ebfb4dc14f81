import JobModel
import Testing
import TestSupport

@testable import GuestPool

@Suite(.serialized) struct SharedGuestTests {
    @Test func `Attempts of a concurrent component meet in one guest, each on a thread of its own`() async throws {
        try await PoolFixture.with { fixture in
            let ends = try await fixture.ends(of: (1...4).map { try fixture.shared($0, #"{"meet":4}"#) })
            #expect(Set(ends.map(\.guest)).count == 1)
            #expect(ends.allSatisfy { $0.outcome == .succeeded })
            #expect(Set(ends.map { $0.words.first }).count == 4)
        }
    }

    @Test func `A guest runs no more attempts at once than its component declared`() async throws {
        try await PoolFixture.with { fixture in
            let orders = try (1...6).map { try fixture.shared($0, #"{"wait":1}"#) }
            fixture.run(orders)
            let running = try await eventually("all six run") {
                let seen = await fixture.pool.progress().filter { $0.note == "inside" }
                return seen.count == 6 ? seen : nil
            }
            #expect(Set(Dictionary(grouping: running, by: \.guest).values.map(\.count)) == [4, 2])
            for order in orders { fixture.pool.submit([.end(order.key, .cancel)]) }
            try await fixture.events.waitForAll(1...6)
        }
    }

    @Test func `Progress and breadcrumb are told apart, and a stop reaches the one attempt it is meant for`()
        async throws
    {
        try await PoolFixture.with { fixture in
            let orders = try (1...3).map { try fixture.shared($0, #"{"wait":\#($0)}"#) }
            fixture.run(orders)
            let running = try await eventually("all run") {
                let seen = await fixture.pool.progress().filter { $0.note == "inside" && !$0.breadcrumb.isEmpty }
                return seen.count == 3 ? seen : nil
            }
            for progress in running {
                #expect(progress.done == UInt64(progress.key.run))
                #expect(progress.breadcrumb == #"{"wait":\#(progress.key.run)}"#)
            }
            fixture.pool.submit([.end(orders[1].key, .cancel)])
            #expect(try await fixture.events.end(of: 2).outcome == .cancelled)
            #expect(await fixture.pool.progress().map(\.key.run).sorted() == [1, 3])
            for order in orders { fixture.pool.submit([.end(order.key, .cancel)]) }
            try await fixture.events.waitForAll(1...3)
        }
    }

    @Test(arguments: ["serial", "same-thread"])
    func `Attempts of other components never overlap in a guest, and run on the thread that loaded it`(
        component: String
    ) async throws {
        try await PoolFixture.with { fixture in
            let orders = try (1...12).map { try fixture.shared($0, "{}", component, slot: Int32($0 % 3)) }
            for end in try await fixture.ends(of: orders) {
                #expect(end.outcome == .succeeded)
                #expect(end.words.dropFirst() == ["1", "1"])
            }
        }
    }

    @Test func `When a guest is killed for one attempt, the others are interrupted`() async throws {
        try await PoolFixture.with { fixture in
            var spinning = try fixture.shared(1, #"{"meet":3,"spin":1}"#)
            spinning.limit = .milliseconds(200)
            let others = try (2...3).map { try fixture.shared($0, #"{"wait":1}"#) }
            let ends = try await fixture.ends(of: [spinning] + others)
            #expect(ends[0].outcome == .timedOut)
            #expect(ends[0].evidence?.steps.map(\.kind) == [.asked, .lastCall, .terminated, .killed, .reaped])
            #expect(ends[1...].map(\.outcome) == [.interrupted(.siblingKilled), .interrupted(.siblingKilled)])
            #expect(Set(ends.map(\.guest)).count == 1)
        }
    }

    @Test func `Beside an attempt that is being ended none is begun`() async throws {
        try await PoolFixture.with { fixture in
            var spinning = try fixture.shared(1, #"{"spin":1}"#)
            spinning.grace = .seconds(600)
            fixture.run([spinning])
            try await eventually("it runs") { await fixture.pool.progress().first { $0.note == "inside" } }
            fixture.pool.submit([.end(spinning.key, .cancel)])
            let other = try await fixture.end(of: fixture.shared(2, "{}"))
            #expect(other.outcome == .succeeded)
            #expect(await fixture.pool.progress().map(\.guest) != [other.guest])
        }
    }

    @Test func `When a shared guest crashes nobody is charged, and all who ran in it are told`() async throws {
        try await PoolFixture.with { fixture in
            let orders = try [#"{"meet":3,"segv":1}"#, #"{"wait":1}"#, #"{"wait":1}"#].enumerated().map {
                try fixture.shared(RunID($0 + 1), $1)
            }
            let ahead = try fixture.shared(4, "{}", slot: 2)
            let ends = try await fixture.ends(of: orders + [ahead])
            #expect(ends.map(\.outcome) == [Outcome](repeating: .interrupted(.sharedCrash), count: 3))
            #expect(Set(ends.map(\.evidence?.signal)) == ["SIGSEGV"])
            #expect(fixture.events.neverStarted() == [4])
        }
    }

    @Test func `An attempt that is alone in a guest made for many is charged with its crash`() async throws {
        try await PoolFixture.with { fixture in
            let end = try await fixture.end(of: fixture.shared(1, #"{"segv":1}"#))
            #expect(end.outcome == .crashed(.memoryFault))
        }
    }

    @Test func `Lines of attempts that overlap are the guest's, those of one by itself its own`() async throws {
        try await PoolFixture.with { fixture in
            let ends = try await fixture.ends(of: (1...2).map { try fixture.shared($0, #"{"meet":2,"print":1}"#) })
            #expect(ends.allSatisfy { $0.printed })
            for run in RunID(1)...2 {
                #expect(fixture.events.lines(of: run, .log) == [#"{"meet":2,"print":1}"#])
            }
            let guests = (RunID(1)...2).map { Set(fixture.events.lines(of: $0, .guestStdout)) }
            let own = (RunID(1)...2).flatMap { fixture.events.lines(of: $0, .stdout) }
            // Whoever ended last may have printed by itself.
            #expect(guests[0].union(guests[1]).union(own) == ["printed by 1", "printed by 2"])
            _ = try await fixture.end(of: fixture.shared(3, #"{"print":1}"#))
            #expect(fixture.events.lines(of: 3, .stdout) == ["printed by 3"])
        }
    }

    @Test func `Attempts sent ahead in several seats all end, in the order of each slot`() async throws {
        try await PoolFixture.with { fixture in
            fixture.run(try (1...2000).map { try fixture.shared($0, "{}", slot: Int32($0 % 4)) })
            try await fixture.events.waitForAll(1...2000)
            let ended = fixture.events.ended()
            #expect(ended.count == 2000)
            for slot in RunID(0)..<4 {
                let ofSlot = ended.filter { $0 % 4 == slot }
                #expect(ofSlot == ofSlot.sorted())
            }
        }
    }

    @Test func `An attempt with a guest of its own gets a fresh one, which ends with it`() async throws {
        try await PoolFixture.with { fixture in
            let warm = try await fixture.end(of: fixture.shared(1, "{}"))
            var alone = try (2...4).map { try fixture.shared($0, "{}", slot: 1) }
            for index in alone.indices { alone[index].isolation = .oneshot }
            let ends = try await fixture.ends(of: alone)
            #expect(Set(ends.map(\.guest) + [warm.guest]).count == 4)
            #expect(try await fixture.end(of: fixture.shared(5, "{}")).guest == warm.guest)
        }
    }
}

extension PoolFixture {
    /// An order for a component of the fixture `concurrent`, in a slot of its own if no other is named.
    fileprivate func shared(
        _ run: RunID, _ params: String, _ component: String = "shared", slot: Int32? = nil
    ) throws -> AttemptOrder {
        let ids = ["shared", "serial", "same-thread"]
        let index = try #require(ids.firstIndex(of: component))
        var order = AttemptOrder(
            key: AttemptKey(run: run, number: 1), slot: slot ?? Int32(run), spec: pool.intern(try spec("concurrent")),
            component: UInt32(index), rootRun: run, params: Array(params.utf8), limit: .seconds(60),
            grace: .milliseconds(200))
        if index == 0 { order.sharing = 4 }
        return order
    }

    /// In the order of the orders; of those that were started.
    fileprivate func ends(of orders: [AttemptOrder]) async throws -> [AttemptEnd] {
        let runs = orders.map(\.key.run)
        run(orders)
        try await events.wait { events in runs.allSatisfy { run in events.contains { $0.concludes(run) } } }
        let ends = events.all.compactMap { event -> (RunID, AttemptEnd)? in
            if case .ended(let key, let end) = event { (key.run, end) } else { nil }
        }
        return runs.compactMap { run in ends.last { $0.0 == run }?.1 }
    }
}

extension AttemptEnd {
    /// Of what it emitted.
    fileprivate var words: [String] { String(decoding: output, as: UTF8.self).split(separator: " ").map(String.init) }
}
