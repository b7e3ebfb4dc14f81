import JobModel
import Testing

struct JSONParserTests {
    @Test(arguments: [
        "null", "true", "[]", "{}", "[1,2.50,-0,1e400,12345678901234567890123]", #"{"b":1,"a":{"c":[null]}}"#,
        #""plain \u0041\n\"x\" ü""#,
    ])
    func `what is written comes back, digits and order included`(text: String) throws {
        let value = try JSONParser.parse(text)
        #expect(try JSONParser.parse(value.text) == value)
        #expect(try JSONParser.parse(value.prettyText) == value)
    }

    @Test func `numbers keep their digits and members their order`() throws {
        let text = #"{"z":1.50,"a":12345678901234567890123}"#
        #expect(try JSONParser.parse(text).text == text)
    }

    @Test(arguments: [
        "", " ", "{", "[1,]", "{\"a\":1,}", "{a:1}", "01", "1.", ".5", "+1", "-", "1e", "tru", "nul", "\"", "\"\\x\"",
        "\"\\u12\"", #""\ud800""#, #""\ud800\u0041""#, #""\udc00""#, "\"\n\"", "1 2", "{\"a\":1,\"a\":2}", "[1}", "NaN",
        "'a'", "// x",
    ])
    func `what is not JSON is refused`(text: String) {
        #expect(throws: JSONError.self) { try JSONParser.parse(text) }
    }

    @Test func `a text that is not UTF-8 is refused`() {
        #expect(throws: JSONError.self) { try JSONParser.parse([0x22, 0xFF, 0x22]) }
    }

    @Test func `nesting is bounded`() throws {
        func nested(_ depth: Int) -> String {
            String(repeating: "[", count: depth) + String(repeating: "]", count: depth)
        }
        _ = try JSONParser.parse(nested(JSONParser.maximumDepth))
        #expect(throws: JSONError.self) { try JSONParser.parse(nested(JSONParser.maximumDepth + 1)) }
        #expect(throws: JSONError.self) { try JSONParser.parse(String(repeating: "[", count: 1_000_000)) }
    }

    @Test func `an error says where it is`() {
        #expect(throws: JSONError(line: 2, column: 8, reason: "this is not a JSON value")) {
            try JSONParser.parse("{\n  \"a\": x}")
        }
    }

    @Test func `hostile bytes are answered with a value or an error`() throws {
        let seed = Array(#"{"component":"a/b","params":{"x":[1,2.5e3,"\u00e9\ud83d\ude00",null,true]},"retry":3}"#.utf8)
        var random = SeededRandom(seed: 7)
        var accepted = 0
        for _ in 0..<5000 {
            let bytes = random.mutated(seed)
            guard let value = try? JSONParser.parse(bytes) else { continue }
            accepted += 1
            #expect(try JSONParser.parse(value.bytes) == value)
        }
        #expect(accepted > 0 && accepted < 5000)
    }
}
