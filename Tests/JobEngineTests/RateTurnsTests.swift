import GuestPool
import JobModel
import JobStore
import Testing

@testable import JobEngine

/// A start that never was takes nothing of a queue's rate.
struct RateTurnsTests {
    private static let start = Instant(microseconds: 1_000_000_000)

    private static func rate(_ text: String, burst: Int = 1) throws -> RateLimit {
        var rate = try #require(RateLimit(text: text))
        rate.burst = burst
        return rate
    }

    @Test func `The last turn is given back whole, and only once`() throws {
        let rate = try Self.rate("1/h")
        var turns = RateTurns()
        turns.take(rate, for: 1, now: Self.start)
        #expect(turns.bucket.free(rate, now: Self.start) == Self.start + .seconds(3600))
        turns.giveBack(rate, by: 1)
        #expect(turns.bucket.free(rate, now: Self.start) <= Self.start)
        turns.take(rate, for: 2, now: Self.start)
        turns.giveBack(rate, by: 1)
        #expect(turns.bucket.free(rate, now: Self.start) == Self.start + .seconds(3600))
    }

    @Test func `A turn that was made up for since is not given twice`() throws {
        let rate = try Self.rate("1/h")
        var turns = RateTurns()
        turns.take(rate, for: 1, now: Self.start)
        let later = Self.start + .seconds(5400)
        turns.take(rate, for: 2, now: later)
        turns.giveBack(rate, by: 1)
        #expect(turns.bucket.free(rate, now: later) == later + .seconds(3600))
    }

    @Test(arguments: [1, 3, 10])
    func `Whatever is given back, the bucket is as if it had never been taken`(burst: Int) throws {
        let rate = try Self.rate("1/s", burst: burst)
        var random = SeededRandom(seed: UInt64(burst))
        for _ in 0..<200 {
            var turns = RateTurns()
            var taken: [(run: RunID, at: Instant)] = []
            var now = Self.start
            for run in RunID(1)...30 {
                now = now + .milliseconds(Int64.random(in: 0...1500, using: &random))
                now = max(now, turns.bucket.free(rate, now: now))
                turns.take(rate, for: run, now: now)
                taken.append((run, now))
                guard Int.random(in: 0..<3, using: &random) == 0, let given = taken.randomElement(using: &random)
                else { continue }
                let before = turns.bucket.free(rate, now: now)
                turns.giveBack(rate, by: given.run)
                taken.removeAll { $0.run == given.run }
                var expected = RateBucket()
                for turn in taken { expected.take(rate, now: turn.at) }
                #expect(max(turns.bucket.free(rate, now: now), now) == max(expected.free(rate, now: now), now))
                #expect(turns.bucket.free(rate, now: now) <= before)
            }
        }
    }

    @Test func `Of many turns the latest can be given back`() throws {
        let rate = try Self.rate("1/s", burst: 10_000)
        var turns = RateTurns()
        for run in RunID(1)...5000 { turns.take(rate, for: run, now: Self.start) }
        for run in RunID(4901)...5000 { turns.giveBack(rate, by: run) }
        var expected = RateBucket()
        for _ in 1...4900 { expected.take(rate, now: Self.start) }
        #expect(turns.bucket == expected)
    }

    // MARK: In the engine

    @Test func `A run that could not be started goes again without waiting for its queue's rate`() throws {
        var world = HotWorld()
        world.call(.changeQueue("default", QueueChange(rate: .to(try Self.rate("1/h")))))
        let run = world.add()
        let second = world.add()
        world.send(.guests([.noProcess("fork")]))
        world.giveBack(run)
        world.settle()
        #expect(world.running.isEmpty)
        world.pass(GuestTrouble.rest)
        #expect(world.running == [run])
        world.end(run)
        world.settle()
        #expect(world.running.isEmpty, "the turn was taken, once")
        world.pass(.seconds(3600))
        #expect(world.running == [second])
    }

    @Test func `A start that is cancelled on its way leaves its turn to the next`() throws {
        var world = HotWorld()
        world.call(.changeQueue("default", QueueChange(rate: .to(try Self.rate("1/h")))))
        let first = world.add()
        let second = world.add()
        world.giveBack(first)
        _ = world.cancel(first)
        world.settle()
        #expect(world.stateOf(first) == .cancelled)
        #expect(world.running == [second])
    }

    @Test func `A host that starts after a run was given back has one turn, and no more`() throws {
        var world = HotWorld()
        world.call(.changeQueue("default", QueueChange(rate: .to(try Self.rate("1/h", burst: 5)))))
        let runs = (0..<3).map { _ in world.add() }
        world.send(.guests([.noProcess("fork")]))
        world.giveBack(runs[0])
        world.settle()
        #expect(world.stateOf(runs[0]) == .pending)
        let next = HotWorld(rows: world.rows, now: world.now)
        #expect(next.running.count == 1)
    }
}
