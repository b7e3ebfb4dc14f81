import JobModel
import Testing

struct TimeHeapTests {
    @Test func `entries come out by time, those to come stay`() {
        var heap = TimeHeap<Int>()
        var random = SeededRandom(seed: 1)
        let times = (0..<500).map { _ in Int64.random(in: 0..<1000, using: &random) }
        for (item, time) in times.enumerated() { heap.add(item, at: Instant(microseconds: time)) }
        heap.keep { $0.item % 2 == 0 }
        var taken: [Int64] = []
        while let entry = heap.take(dueBy: Instant(microseconds: 600)) { taken.append(entry.at.microseconds) }
        let wanted = times.enumerated().filter { $0.offset % 2 == 0 && $0.element <= 600 }.map(\.element).sorted()
        #expect(taken == wanted)
        #expect(heap.count == 250 - wanted.count)
    }
}
