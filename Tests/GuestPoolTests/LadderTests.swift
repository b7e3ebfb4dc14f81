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
