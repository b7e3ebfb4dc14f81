import Foundation
import Testing

@testable import JobModel

struct TextPatternTests {
    private func matches(_ pattern: String, _ text: String) throws -> Bool? {
        var budget = 10_000_000
        return try TextPattern(pattern).matches(text, budget: &budget)
    }

    @Test(arguments: [
        ("abc", "xxabcxx", true), ("^abc$", "abc", true), ("^abc$", "abcd", false), ("^$", "", true),
        ("^a*b+c?$", "aabbb", true), ("^a{2,3}$", "aa", true), ("^a{2,3}$", "aaaa", false), ("^a{2,}$", "aaaaa", true),
        ("^(ab|cd)+$", "abcdab", true), ("^(?:a|b)$", "c", false), ("^[a-z][a-z0-9-]{0,62}$", "my-name-1", true),
        ("^[a-z][a-z0-9-]{0,62}$", "My-name", false), ("^[^/]+$", "a/b", false), (#"^\d{4}-\d\d$"#, "2026-11", true),
        (#"^\w+\s\W$"#, "ab_1 %", true), (#"^[\d.]+$"#, "1.2.3", true), (#"^\u00e9\x41$"#, "éA", true),
        ("^.$", "\n", false),
        ("^.$", "😀", true), ("a|^$|b", "", true), ("^[]$", "x", false), ("^[^]$", "\n", true),
        (#"^[\w-]+$"#, "a-b", true),
        (#"^\.\/$"#, "./", true), ("^(a?){3}$", "aa", true), ("(a*)*b", "aaac", false), ("^a+?$", "aaa", true),
        (#"^[^\D]+$"#, "123", true), ("x$|y", "ax", true), (#"^[\D]$"#, "5", false),
    ])
    func `texts match as ECMA-262 has it`(pattern: String, text: String, expected: Bool) throws {
        #expect(try matches(pattern, text) == expected, "\(pattern) on \(text)")
    }

    @Test(arguments: [
        ("(", 2, "without its )"), ("a)", 2, "without its ("), ("*a", 1, "nothing to repeat"),
        ("a**", 3, "nothing to repeat"),
        (#"(a)\1"#, 5, #"\1"#), (#"\bword"#, 2, #"\b"#), ("(?=a)", 3, "looking ahead"), ("(?<n>a)", 3, "looking"),
        ("[b-a]", 4, "wrong way round"), ("[a", 3, "without its ]"), ("a{3,2}", 7, "wrong way round"),
        ("a{x}", 3, "number"), (#"\p{L}"#, 2, #"\p"#), (#"\"#, 2, "nothing follows"),
        (#"\u{110000}"#, 4, "number of a character"),
        ("a{9999}", 8, "repeats"), ("^*", 3, "cannot be repeated"),
    ])
    func `what is not served is refused, with its place`(pattern: String, position: Int, words: String) {
        let fault = #expect(throws: PatternFault.self) { try TextPattern(pattern) }
        #expect(fault?.position == position, "\(pattern): \(fault?.description ?? "")")
        #expect(fault?.reason.contains(words) == true, "\(pattern): \(fault?.description ?? "")")
    }

    @Test func `patterns that explode are refused or matched in the length of the text`() throws {
        #expect(throws: PatternFault.self) { try TextPattern("((a{1000}){1000}){1000}") }
        #expect(throws: PatternFault.self) { try TextPattern(String(repeating: "(", count: 5000)) }
        #expect(throws: PatternFault.self) { try TextPattern(String(repeating: "(", count: 3000)) }
        // A backtracking matcher would not end in this century.
        #expect(try matches("^(a+)+$", String(repeating: "a", count: 20_000) + "b") == false)
        #expect(try matches("^(a|a)*(a|a)*c$", String(repeating: "a", count: 20_000)) == false)
    }

    @Test func `work beyond the budget is given up`() throws {
        var budget = 1000
        #expect(try TextPattern("^(a?){500}$").matches(String(repeating: "a", count: 400), budget: &budget) == nil)
    }

    @Test func `the same answers as another matcher, on random patterns`() throws {
        var random = SeededRandom(seed: 7)
        let atoms = ["a", "b", ".", "[ab]", "[^a]", "(a|b)", "(ab)", #"\w"#]
        let repeats = ["", "", "*", "+", "?", "{2}", "{1,2}"]
        for _ in 0..<300 {
            let body = (0..<Int.random(in: 1...4, using: &random)).map { _ in
                (atoms.randomElement(using: &random) ?? "") + (repeats.randomElement(using: &random) ?? "")
            }.joined()
            let pattern = (Bool.random(using: &random) ? "^" : "") + body + (Bool.random(using: &random) ? "$" : "")
            let other = try NSRegularExpression(pattern: pattern)
            for _ in 0..<10 {
                let text = String(
                    (0..<Int.random(in: 0...6, using: &random)).map { _ in "abc".randomElement(using: &random) ?? "a" })
                let expected = other.firstMatch(in: text, range: NSRange(text.startIndex..., in: text)) != nil
                #expect(try matches(pattern, text) == expected, "\(pattern) on \(text)")
            }
        }
    }
}
