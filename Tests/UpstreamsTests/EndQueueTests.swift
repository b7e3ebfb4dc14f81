import Testing

@testable import Upstreams

struct EndQueueTests {
    @Test func `runs are read in the order in which they ended`() {
        var queue = EndQueue()
        for run in [3, 1, 2] as [Int64] { queue.add(run) }
        let some = queue.begin(2)
        #expect(some == [3, 1] && queue.isReading(3) && !queue.isReading(2))
        let current = queue.end(some, looked: 1)
        #expect(current == [3] && !queue.isReading(3))
        let rest = queue.begin(9)
        #expect(rest == [1, 2] && queue.isEmpty)
    }

    @Test func `a run that ends again while it is read is read again`() {
        var queue = EndQueue()
        for run in [1, 2, 3] as [Int64] { queue.add(run) }
        let some = queue.begin(9)
        queue.add(2)
        queue.add(3)
        let current = queue.end(some, looked: 2)
        #expect(current == [1], "what was read of it is of before that")
        let rest = queue.begin(9)
        #expect(rest == [2, 3])
    }
}
