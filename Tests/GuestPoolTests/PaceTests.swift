import Testing

@testable import GuestPool

struct PaceTests {
    @Test func `What took long is not done again soon, but some time`() {
        #expect(Pace.rest(after: 1_000_000) == 10_000_000)
        #expect(Pace.rest(after: 10_000_000_000) == 500_000_000)
        let now = Moment.now().monotonic
        #expect(Pace().next >= now)
    }
}
