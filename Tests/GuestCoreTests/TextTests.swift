import Testing

struct TextTests {
    @Test(arguments: [
        ("abc", 3, "abc"), ("abcd", 3, "abc"), ("aä", 2, "a"), ("aä", 3, "aä"), ("€€", 5, "€"), ("€€", 4, "€"),
        ("😀😀", 7, "😀"), ("😀", 3, ""), ("", 0, ""),
    ])
    func `Text is cut between characters`(text: String, limit: Int, kept: String) {
        let cut = Array(text.utf8).withUnsafeBytes { Array(Text.cut($0, to: limit)) }
        #expect(cut == Array(kept.utf8))
    }

    @Test func `Bytes that are no UTF-8 are cut at the limit`() {
        let noise = [UInt8](repeating: 0x80, count: 20)
        #expect(noise.withUnsafeBytes { Text.cut($0, to: 10).count } == 10)
    }

    @Test(arguments: [
        ("a", true), ("a-1", true), ("A", false), ("1a", false), ("", false), ("a_b", false), ("-a", false),
        (String(repeating: "a", count: 63), true), (String(repeating: "a", count: 64), false),
    ])
    func `Ids are lower-case words`(id: String, isID: Bool) {
        #expect(Array(id.utf8).withUnsafeBytes { Text.isID($0) } == isID)
    }

    @Test func `A text without its end is not followed past the limit`() {
        let text: [CChar] = [65, 66, 67, 0]
        text.withUnsafeBufferPointer { text in
            #expect(Text.terminated(text.baseAddress, limit: 3)?.count == 3)
            #expect(Text.terminated(text.baseAddress, limit: 2) == nil)
        }
        #expect(Text.terminated(nil, limit: 2)?.isEmpty == true)
    }

    @Test(arguments: [(0, "n = 0"), (-12, "n = -12"), (Int.min, "n = -9223372036854775808")])
    func `Numbers are spelled out`(number: Int, words: String) {
        var sentence = Sentence("n = ")
        sentence.append(number)
        #expect(sentence.bytes == Array(words.utf8))
    }
}
