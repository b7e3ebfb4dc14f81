import Testing

@testable import GuestPool

struct PaceTests {
    @Test func `What took long is not done again before ten times as long`() {
        let now = Moment.now().monotonic
        #expect(Pace.next(after: now - 1_000_000_000) - now >= 10_000_000_000)
        #expect(Pace.next(after: now) >= now)
    }
}
