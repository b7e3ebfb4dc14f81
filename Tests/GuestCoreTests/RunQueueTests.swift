import CGuestWire
import Testing

struct RunQueueTests {
    @Test func `Attempts come out in their order, past every turn of the ring`() {
        var queue = RunQueue()
        var sent: UInt64 = 0
        var taken: UInt64 = 0
        for round in 0..<500 {
            for _ in 0..<(round % 7) {
                sent += 1
                queue.append(attempt(sent))
            }
            for _ in 0..<(round % 5) where !queue.isEmpty {
                taken += 1
                let next = queue.popFirst()
                #expect(next?.call == taken)
            }
        }
        #expect(queue.count == Int(sent - taken))
    }

    @Test func `A withdrawn attempt leaves the others in their order`() {
        var queue = RunQueue()
        for call: UInt64 in 1...60 { queue.append(attempt(call)) }
        for _ in 1...50 { _ = queue.popFirst() }
        for call: UInt64 in 61...90 { queue.append(attempt(call)) }
        for call: UInt64 in [51, 64, 70, 90] {
            let removed = queue.remove(call: call)
            let again = queue.remove(call: call)
            #expect(removed?.call == call)
            #expect(again == nil)
        }
        var rest: [UInt64] = []
        while let next = queue.popFirst() { rest.append(next.call) }
        #expect(rest == (51...90).filter { ![51, 64, 70, 90].contains($0) })
    }

    @Test func `An empty queue gives nothing`() {
        var queue = RunQueue()
        let first = queue.popFirst()
        let removed = queue.remove(call: 1)
        #expect(first == nil)
        #expect(removed == nil)
    }

    private func attempt(_ call: UInt64) -> PendingAttempt {
        PendingAttempt(call: call, slot: 0, order: gw_run(), texts: [])
    }
}
