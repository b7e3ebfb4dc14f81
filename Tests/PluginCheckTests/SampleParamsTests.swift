import Testing

@testable import PluginCheck

struct SampleParamsTests {
    private func texts(_ params: [[UInt8]]) -> [String] { params.map { String(decoding: $0, as: UTF8.self) } }

    @Test func `what is made from a schema has what it requires, and then all it describes`() {
        let schema = """
            {"type":"object","required":["n","l"],"properties":{"n":{"type":"integer","minimum":3},
            "l":{"type":"array","minItems":2,"items":{"enum":["x","y"]}},"s":{"type":"string","minLength":4}}}
            """
        let params = SampleParams(schema: schema, given: nil)
        #expect(texts(params.normal) == [#"{"n":3,"l":["x","x"]}"#, #"{"n":3,"l":["x","x"],"s":"aaaa"}"#])
        let refused = Set(texts(params.refused.map(\.params)))
        #expect(refused.isSuperset(of: ["[]", #"{"n":3}"#, #"{"l":["x","x"]}"#, #"{"n":true,"l":["x","x"]}"#]))
        #expect(!refused.contains(#"{"n":7,"l":["x","x"]}"#))
    }

    @Test func `of several forms one is made`() {
        let schema = """
            {"type":"object","properties":{"program":{"type":"string"},"command":{"type":"array"}},
            "oneOf":[{"required":["program"]},{"required":["command"]}]}
            """
        #expect(texts(SampleParams(schema: schema, given: nil).normal) == [#"{"program":"a"}"#])
    }

    @Test func `params that somebody gave come first`() {
        let params = SampleParams(schema: #"{"type":"object"}"#, given: Array(#"{"a":7}"#.utf8))
        #expect(texts(params.normal) == [#"{"a":7}"#, "{}"])
    }

    @Test func `secrets are made so that they can be recognised`() {
        let schema = #"{"type":"object","required":["key"],"properties":{"key":{"type":"string","x-secret":true}}}"#
        let params = SampleParams(schema: schema, given: nil)
        #expect(params.secrets.contains { !$0.isEmpty })
        #expect(params.secrets.allSatisfy { texts(params.normal)[0].contains($0) })
    }

    @Test func `a schema that asks for more than there is room for gets what there is room for`() {
        var nested = #"{"type":"integer"}"#
        for _ in 0..<7 { nested = #"{"type":"array","minItems":16,"items":"# + nested + "}" }
        let members = (0..<3000).map { #""m\#($0)":{"type":"string","minLength":4611686018427387904}"# }
        let required = (0..<3000).map { "\"m\($0)\"" }.joined(separator: ",")
        for schema in [
            #"{"type":"object","required":["a"],"properties":{"a":{"type":"string","minLength":4611686018427387904}}}"#,
            #"{"type":"object","required":["a"],"properties":{"a":\#(nested)}}"#,
            #"{"type":"object","required":[\#(required)],"properties":{\#(members.joined(separator: ","))}}"#,
        ] {
            let params = SampleParams(schema: schema, given: nil)
            #expect(params.normal.allSatisfy { !$0.isEmpty && $0.count < 1 << 20 })
            #expect(params.refused.count < 1000)
        }
    }

    @Test func `of a schema that cannot be used nothing is made, and no length of it is believed`() {
        for lengths in [#""minLength":-1,"maxLength":-1"#, #""maxLength":0"#, #""minLength":1e30"#] {
            let schema =
                #"{"type":"object","required":["k"],"properties":{"k":{"type":"string","x-secret":true,\#(lengths)}}}"#
            let params = SampleParams(schema: schema, given: nil)
            #expect(!params.normal.isEmpty && params.secrets.allSatisfy { !$0.isEmpty })
        }
    }

    @Test func `without a schema nothing has to be refused`() {
        let params = SampleParams(schema: "", given: nil)
        #expect(texts(params.normal) == ["{}"])
        #expect(params.refused.isEmpty && !params.odd.isEmpty)
    }
}
