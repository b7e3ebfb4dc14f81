import Foundation
import JobModel
import TestSupport
import Testing

@testable import GuestPool

/// What no program of a plugin gets rid of, and what the next host of its home finds it by.
@Suite(.serialized) struct HomeMarkTests {
    @Test func `A mark is below the host's own limit, the same for its home and another for others`() {
        let mark = HomeMark(of: "berth-1-2")
        let limit = mark.limit(below: .max)
        #expect(limit > 1 << 62 && limit < 1 << 63)
        #expect(limit == HomeMark(of: "berth-1-2").limit(below: .max))
        #expect(limit != HomeMark(of: "berth-1-3").limit(below: .max))
        let inside = mark.limit(below: limit)
        #expect(inside < limit && inside & (1 << 48 - 1) == limit & (1 << 48 - 1))
        #expect(mark.limit(below: 1 << 48) == 0)
        #expect(!mark.isOn(getpid()))
    }

    @Test func `What takes its guest's place is found without its environment, by its own home alone`() async throws {
        try await PoolFixture.with(lacks: .processNamespaces) { fixture in
            let leftover = try await Self.program(in: fixture, "replace-guest") {
                await fixture.pool.progress().first?.guest
            }
            #expect(GuestPool.sweep(marker: "\(fixture.marker)-other") == 0)
            #expect(HomeMark(of: fixture.marker).isOn(leftover))
            #expect(GuestPool.sweep(marker: fixture.marker) == 1)
            #expect(ProcessFacts.isZombie(leftover))
        }
    }

    @Test func `A child in a session of its own is found without its environment`() async throws {
        try await PoolFixture.with(lacks: .processNamespaces) { fixture in
            let leftover = try await Self.program(in: fixture, "leave-child") {
                fixture.events.lines(of: 1, .log).first.flatMap { Int32($0.dropFirst("child ".count)) }
            }
            #expect(HomeMark(of: fixture.marker).isOn(leftover))
            #expect(GuestPool.sweep(marker: fixture.marker) >= 1)
            #expect(ProcessFacts.isZombie(leftover))
            #expect(GuestPool.sweep(marker: fixture.marker) == 0)
        }
    }

    /// Runs a component of `outliving` until it is `sleep`, with nothing in its environment.
    private static func program(
        in fixture: PoolFixture, _ component: String, number: @Sendable () async -> Int32?
    ) async throws -> Int32 {
        let spec = try fixture.spec("outliving", grants: [.subprocess])
        let index = try #require(FixturePlugin.components("outliving").firstIndex(of: component))
        fixture.run([
            AttemptOrder(
                key: AttemptKey(run: 1, number: 1), slot: 0, spec: fixture.pool.intern(spec), component: UInt32(index),
                rootRun: 1, params: Array("{}".utf8), limit: nil)
        ])
        return try await eventually("it sleeps") {
            guard let process = await number() else { return nil }
            let words = ProcessFacts.contents("/proc/\(process)/cmdline")
            let hasNothing = ProcessFacts.contents("/proc/\(process)/environ").isEmpty
            return words.starts(with: "sleep".utf8) && hasNothing ? process : nil
        }
    }
}
