import BerthPlugin
import Testing

struct JSONTests {
    @Test(
        arguments: [
            ("null", JSON.null), (" [1, -2.5e1, true] ", [1, .number(-25), true]),
            (#"{"a":{"b":[]},"a":"x"}"#, ["a": "x"]), (#""\u00e9\ud83d\ude00\n\/""#, "é😀\n/"),
            ("9223372036854775807", .integer(.max)), ("9223372036854775808", .number(9_223_372_036_854_775_808)),
            ("-0", 0),
        ] as [(String, JSON)])
    func `valid texts are read`(text: String, expected: JSON) throws {
        #expect(try JSON(parsing: text.utf8) == expected)
    }

    @Test(arguments: [
        "", "{", "[1,]", #"{"a":1,}"#, "{a:1}", "01", "1.", "+1", "1e", "1e999", "nul", "truex", #""\x""#, #""\ud800""#,
        #""\udc00""#, #""\ud800\u0041""#, #""\u12g4""#, "\"a\nb\"", "[1 2]", "{} {}", "\"", "-", #"{"a"}"#,
    ])
    func `anything else is refused`(text: String) {
        #expect(throws: JSONError.self) { try JSON(parsing: text.utf8) }
    }

    @Test func `bytes that are not UTF-8 are refused`() {
        for bytes: [UInt8] in [[0x22, 0xFF, 0x22], [0x22, 0xC0, 0x80, 0x22], [0x22, 0xED, 0xA0, 0x80, 0x22]] {
            #expect(throws: JSONError.self) { try JSON(parsing: bytes) }
        }
    }

    @Test func `nesting is bounded`() throws {
        let deepest = String(repeating: "[", count: JSON.maxDepth) + String(repeating: "]", count: JSON.maxDepth)
        _ = try JSON(parsing: deepest.utf8)
        #expect(throws: JSONError.self) { try JSON(parsing: "[\(deepest)]".utf8) }
        #expect(throws: JSONError.self) { try JSON(parsing: [UInt8](repeating: 0x5B, count: 1_000_000)) }
    }

    @Test func `what is written reads back the same, members in order`() throws {
        let value: JSON = ["b": [1, .number(0.5), .null, false], "a": "\u{1}\"\\\n\t é😀", "": .object([:])]
        #expect(try JSON(parsing: value.bytes) == value)
        #expect("\(JSON.object(["b": 1, "a": 2]))" == #"{"a":2,"b":1}"#)
        #expect("\(JSON.number(.infinity))" == "null")
    }

    @Test func `mutated texts are read or refused, and what is read can be written`() throws {
        let seed = Array(#"{"a":[1,2.5e-3,true,null,{"b":"\u00e9\ud83d\ude00 é"}],"c":"x","d":{}}"#.utf8)
        let splices = Array(#"{}[]",:\u0e-d8"#.utf8) + [0xC3, 0xFF, 0x00]
        var random = SeededGenerator(state: 7)
        var valid = 0
        for _ in 0..<5_000 {
            var bytes = seed
            for _ in 0...Int.random(in: 0..<3, using: &random) {
                bytes[Int.random(in: 0..<bytes.count, using: &random)] = splices.randomElement(using: &random) ?? 0
            }
            if Bool.random(using: &random) { bytes.removeLast(Int.random(in: 0..<bytes.count, using: &random)) }
            guard let value = try? JSON(parsing: bytes) else { continue }
            valid += 1
            #expect(try JSON(parsing: value.bytes) == value)
        }
        #expect((10..<4_990).contains(valid))
    }
}

/// SplitMix64: the same mutations in every run.
private struct SeededGenerator: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ z >> 30) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ z >> 27) &* 0x94D0_49BB_1331_11EB
        return z ^ z >> 31
    }
}
