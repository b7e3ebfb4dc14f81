import CGuestWire
import Foundation
import Testing

struct LayoutDigestTests {
    @Test func `The digest in the header is that of its text`() throws {
        let header = URL(fileURLWithPath: #filePath)
            .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
            .appendingPathComponent("Sources/CGuestWire/include/guest_wire.h")
        let lines = try String(contentsOf: header, encoding: .utf8).split(
            separator: "\n", omittingEmptySubsequences: false)
        let text = lines.filter { !$0.hasPrefix("#define GW_LAYOUT_DIGEST ") }.joined(separator: "\n")
        let digest = text.utf8.reduce(UInt64(0xcbf2_9ce4_8422_2325)) { ($0 ^ UInt64($1)) &* 0x100_0000_01b3 }
        let comment: Comment = "The layout changed: define GW_LAYOUT_DIGEST as 0x\(String(digest, radix: 16))ull"
        #expect(digest == GW_LAYOUT_DIGEST, comment)
    }
}
