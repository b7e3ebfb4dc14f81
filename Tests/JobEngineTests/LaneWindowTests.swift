import JobModel
import JobStore
import Testing

@testable import JobEngine

struct LaneWindowTests {
    private func place(_ due: Int64, _ id: RunID = 0) -> LanePlace {
        LanePlace(due: Instant(microseconds: due), id: id)
    }

    @Test func `gives places back in order of due time, then id`() {
        var window = LaneWindow(capacity: 8, complete: true)
        for place in [place(3), place(1, 2), place(2), place(1, 1)] { #expect(window.offer(place) == .kept) }
        var taken: [LanePlace] = []
        while let head = window.takeHead() { taken.append(head) }
        #expect(taken == [place(1, 1), place(1, 2), place(2), place(3)])
        #expect(window.isSpent)
    }

    @Test func `a full window leaves what lies behind it to the store`() {
        var window = LaneWindow(capacity: 2, complete: true)
        #expect(window.offer(place(1)) == .kept)
        #expect(window.offer(place(5)) == .kept)
        #expect(window.offer(place(3)) == .keptInsteadOf(place(5)))
        #expect(!window.isComplete)
        #expect(window.offer(place(4)) == .left)
        #expect(window.offer(place(9)) == .left)
        #expect(window.all == [place(1), place(3)])
    }

    @Test func `an empty window that is not complete keeps nothing before it is filled`() {
        var window = LaneWindow(capacity: 4, complete: false)
        #expect(window.wantsRefill)
        #expect(window.offer(place(1)) == .left)
        let (after, limit) = window.beginRefill()
        #expect(after == nil)
        #expect(limit == 4)
        #expect(!window.wantsRefill)
    }

    @Test func `a window that is forgotten is read from its beginning`() {
        var window = LaneWindow(capacity: 4, complete: true)
        for due in 1...3 { #expect(window.offer(place(Int64(due))) == .kept) }
        _ = window.takeHead()
        #expect(window.forget() == [place(2), place(3)])
        #expect(window.wantsRefill)
        #expect(window.beginRefill() == (nil, 4))
    }

    @Test func `a window that is forgotten during a refill takes none of it`() {
        var window = LaneWindow(capacity: 4, complete: false)
        _ = window.beginRefill()
        #expect(window.merge([place(1)], lastRead: place(1), exhausted: false) == [])
        _ = window.beginRefill()
        #expect(window.offer(place(9)) == .kept)
        #expect(window.forget() == [])
        #expect(window.merge([place(2)], lastRead: place(2), exhausted: true) == [place(2), place(9), place(1)])
        #expect(window.beginRefill() == (nil, 4))
    }

    @Test func `what comes during a refill is kept aside and merged without doubles`() {
        var window = LaneWindow(capacity: 4, complete: false)
        _ = window.beginRefill()
        #expect(window.offer(place(2, 2)) == .kept)
        #expect(window.offer(place(9, 9)) == .kept)
        #expect(window.head == nil)
        let left = window.merge([place(1, 1), place(2, 2), place(3, 3)], lastRead: place(3, 3), exhausted: false)
        #expect(left == [place(9, 9)])
        #expect(window.all == [place(1, 1), place(2, 2), place(3, 3)])
        #expect(window.bound == place(3, 3))
    }

    @Test func `an exhausted refill makes the window complete`() {
        var window = LaneWindow(capacity: 4, complete: false)
        _ = window.beginRefill()
        #expect(window.offer(place(9, 9)) == .kept)
        #expect(window.merge([place(1, 1)], lastRead: place(1, 1), exhausted: true).isEmpty)
        #expect(window.isComplete)
        #expect(window.all == [place(1, 1), place(9, 9)])
    }

    @Test func `nothing falls out of a window while its refill is under way`() {
        var window = LaneWindow(capacity: 2, complete: false)
        _ = window.beginRefill()
        _ = window.merge([place(10, 1), place(20, 2)], lastRead: place(20, 2), exhausted: false)
        _ = window.takeHead()
        _ = window.takeHead()
        #expect(window.beginRefill().after == place(20, 2))
        for due: Int64 in [1, 2, 3] { #expect(window.offer(place(due)) == .kept) }
        let left = window.merge([place(30, 3)], lastRead: place(30, 3), exhausted: true)
        #expect(left == [place(30, 3), place(3)])
        #expect(window.bound == place(2))
        #expect(window.wantsRefill == false)
    }

    @Test func `a place kept aside can be removed`() {
        var window = LaneWindow(capacity: 4, complete: false)
        _ = window.beginRefill()
        _ = window.offer(place(9, 9))
        let wasThere = window.remove(place(9, 9))
        let isThere = window.remove(place(9, 9))
        #expect(wasThere)
        #expect(!isThere)
    }

    @Test func `taking many heads gives the memory back and keeps the order`() {
        var window = LaneWindow(capacity: 10_000, complete: true)
        for id in 1...5000 as ClosedRange<RunID> { _ = window.offer(place(id, id)) }
        for id in 1...4000 as ClosedRange<RunID> { #expect(window.takeHead() == place(id, id)) }
        #expect(window.count == 1000)
        #expect(window.head == place(4001, 4001))
    }
}
