import Testing

@testable import GuestPool

struct LineTests {
    @Test func `Elements leave in the order in which they came`() {
        var line = Line<Int>()
        var next = 0
        for element in 0..<1000 {
            line.append(element)
            if element % 3 == 0 {
                #expect(line.popFirst() == next)
                next += 1
            }
        }
        #expect(line.count == 1000 - next)
        #expect(line.removeFirst { $0 == 500 } == 500)
        #expect(line.first { $0 > 499 } == 501)
        #expect(line.removeAll() == (next..<1000).filter { $0 != 500 })
        #expect(line.popFirst() == nil)
    }
}
