import Testing

@testable import berth

struct TerminalTests {
    @Test func `text from outside can neither steer a terminal nor turn around what is read`() {
        #expect(Terminal.plain("a\u{1b}]0;title\u{7}b\u{9b}c\td\u{202e}e") == "a ]0;title b c\td e")
        #expect(Terminal.plain("naïve 👩‍🚀 שלום") == "naïve 👩‍🚀 שלום")
    }

    @Test func `output on a terminal keeps its lines and says what is no text`() {
        #expect(Terminal.plain(output: Array("one\u{1b}[2J\n\ntwo\r\n".utf8)) == Array("one [2J\n\ntwo \n".utf8))
        #expect(Terminal.plain(output: [0x61, 0xff, 0x0a]) == Array("a\u{fffd}\n".utf8))
    }
}
