import Testing

@testable import Upstreams

struct LogDeliveryTests {
    private static func arrived(_ more: Int64, of text: String) -> Int {
        LogDelivery.arrived(more, of: Array(text.utf8)[...])
    }

    @Test func `what the server has more ends with a line of ours`() {
        #expect(Self.arrived(0, of: "a\nbc\n") == 0)
        #expect(Self.arrived(2, of: "a\nbc\n") == 2)
        #expect(Self.arrived(5, of: "a\nbc\n") == 5)
    }

    @Test(arguments: [-1, 1, 3, 4, 6, 1_000_000] as [Int64])
    func `anything else is of somebody else`(more: Int64) {
        #expect(Self.arrived(more, of: "a\nbc\n") == 0)
    }

    @Test func `or it ends where a piece of a long line does`() {
        let text = String(repeating: "中", count: 50_000) + "\n"
        let first = LogDelivery.mostAtOnce - LogDelivery.mostAtOnce % 3
        #expect(Self.arrived(Int64(first), of: text) == first)
        #expect(Self.arrived(Int64(2 * first), of: text) == 2 * first)
        #expect(Self.arrived(Int64(first + 3), of: text) == 0)
    }
}
