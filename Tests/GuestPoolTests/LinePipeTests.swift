import Testing

@testable import GuestPool

struct LinePipeTests {
    private static let nonce = String(repeating: "ab", count: 16)

    @Test func `Lines and boundaries come out in order, however the bytes were split`() {
        let text = "one\ntwo\u{1e}berth \(Self.nonce) 00000000000000ff\nthree\nrest"
        let expected: [LinePipe.Item] =
            [.line(Array("one".utf8)), .line(Array("two".utf8)), .boundary(call: 255)]
            + [.line(Array("three".utf8))]
        for size in 1...text.utf8.count {
            var pipe = LinePipe(descriptor: -1, nonce: Self.nonce)
            #expect(items(Array(text.utf8), size: size, of: &pipe) == expected)
            #expect(pipe.takeRest() == Array("rest".utf8))
        }
    }

    @Test func `A record with another nonce is a plugin's text`() {
        var pipe = LinePipe(descriptor: -1, nonce: Self.nonce)
        let text = Array("\u{1e}berth \(String(repeating: "cd", count: 16)) 00000000000000ff\n".utf8)
        #expect(items(text, size: 4096, of: &pipe) == [.line(text.dropLast())])
    }

    @Test func `A line without end is cut and never held whole`() {
        var pipe = LinePipe(descriptor: -1, nonce: Self.nonce)
        let found = items([UInt8](repeating: 0x61, count: 100_000), size: 1000, of: &pipe)
        #expect(found.count > 10)
        #expect(pipe.rest.count < 9000)
    }

    private func items(_ bytes: [UInt8], size: Int, of pipe: inout LinePipe) -> [LinePipe.Item] {
        var items: [LinePipe.Item] = []
        for start in stride(from: 0, to: bytes.count, by: size) {
            bytes[start..<min(start + size, bytes.count)].withUnsafeBytes { pipe.take($0, into: &items) }
        }
        return items
    }
}
