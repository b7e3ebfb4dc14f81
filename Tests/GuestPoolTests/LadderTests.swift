import JobModel
import Testing

@testable import GuestPool

struct LadderTests {
    @Test func `Every step is taken once, at its share of the grace`() {
        var ladder = Ladder(.timeout, grace: .seconds(4), due: moment(0).monotonic)
        #expect(ladder.climb(at: moment(0)) == .ask)
        #expect(ladder.climb(at: moment(2999)) == nil)
        #expect(ladder.climb(at: moment(3000)) == .lastCall)
        #expect(ladder.climb(at: moment(3999)) == nil)
        #expect(ladder.climb(at: moment(4000)) == .terminate)
        #expect(ladder.climb(at: moment(4049)) == nil)
        #expect(ladder.climb(at: moment(4050)) == .kill)
        #expect(ladder.next == nil)
        #expect(ladder.steps.map(\.kind) == [.asked, .lastCall, .terminated, .killed])
    }

    @Test func `Without grace the ask is followed by SIGTERM at once`() {
        var ladder = Ladder(.cancel, grace: .zero, due: moment(0).monotonic)
        #expect(ladder.climb(at: moment(0)) == .ask)
        #expect(ladder.climb(at: moment(0)) == .terminate)
    }

    @Test func `One that is hurried gets the last call at once and SIGTERM soon`() {
        var ladder = Ladder(.cancel, grace: .seconds(60), due: moment(0).monotonic)
        #expect(ladder.climb(at: moment(0)) == .ask)
        ladder.hurry(at: moment(1000))
        #expect(ladder.climb(at: moment(1000)) == .lastCall)
        ladder.hurry(at: moment(1100))
        #expect(ladder.climb(at: moment(1249)) == nil)
        #expect(ladder.climb(at: moment(1250)) == .terminate)
        ladder.hurry(at: moment(1251))
        #expect(ladder.climb(at: moment(1299)) == nil)
        #expect(ladder.climb(at: moment(1300)) == .kill)
    }

    @Test func `Hurry after the last call does not wait for the end of the grace`() {
        var ladder = Ladder(.cancel, grace: .seconds(60), due: moment(0).monotonic)
        #expect(ladder.climb(at: moment(0)) == .ask)
        #expect(ladder.climb(at: moment(45_000)) == .lastCall)
        ladder.hurry(at: moment(46_000))
        #expect(ladder.climb(at: moment(46_250)) == .terminate)
    }

    @Test func `A step that is taken late costs the next one time, but no more than half of it`() {
        var ladder = Ladder(.timeout, grace: .seconds(4), due: moment(0).monotonic)
        #expect(ladder.climb(at: moment(500)) == .ask)
        #expect(ladder.climb(at: moment(3000)) == .lastCall)
        #expect(ladder.climb(at: moment(4010)) == .terminate)
        #expect(ladder.climb(at: moment(4049)) == nil)
        #expect(ladder.climb(at: moment(4050)) == .kill)
        var late = Ladder(.timeout, grace: .seconds(4), due: moment(0).monotonic)
        #expect(late.climb(at: moment(3000)) == .ask)
        #expect(late.climb(at: moment(3999)) == nil)
        #expect(late.climb(at: moment(4000)) == .lastCall)
        #expect(late.climb(at: moment(6000)) == .terminate)
        #expect(late.climb(at: moment(6024)) == nil)
        #expect(late.climb(at: moment(6025)) == .kill)
    }

    private func moment(_ milliseconds: Int64) -> Moment {
        Moment(monotonic: 1_000_000_000 + milliseconds * 1_000_000, wall: milliseconds * 1_000_000)
    }
}
