import Testing

@testable import JobModel

struct ParamsSchemaTests {
    private func complete(_ schema: String, _ params: String) throws -> String {
        String(decoding: try ParamsSchema(schema).complete(Array(params.utf8)), as: UTF8.self)
    }

    private func faults(_ schema: String, _ params: String) throws -> [String] {
        let schema = try ParamsSchema(schema)
        let refusal = #expect(throws: ParamsRefusal.self, "\(params)") { try schema.complete(Array(params.utf8)) }
        return refusal?.faults.map(\.description) ?? []
    }

    @Test(arguments: [
        (#"{"properties":{"n":{"maximum":10}}}"#, #"{"n":12}"#, "$.n: must be at most 10, is 12"),
        (#"{"properties":{"n":{"minimum":1.5}}}"#, #"{"n":1}"#, "$.n: must be at least 1.5, is 1"),
        (#"{"properties":{"n":{"type":"integer"}}}"#, #"{"n":1.5}"#, "$.n: must be a whole number, is 1.5"),
        (#"{"properties":{"n":{"type":["string","null"]}}}"#, #"{"n":1}"#, "$.n: must be a text or null, is 1"),
        (#"{"properties":{"n":{"type":"string"}}}"#, #"{"n":[1]}"#, "$.n: must be a text, is a list"),
        (#"{"properties":{"n":{"enum":["a","b"]}}}"#, #"{"n":"c"}"#, #"$.n: must be one of "a", "b", is "c""#),
        (#"{"properties":{"n":{"const":1}}}"#, #"{"n":2}"#, "$.n: must be 1, is 2"),
        (#"{"properties":{"n":{"minLength":2}}}"#, #"{"n":"é"}"#, "$.n: must have at least 2 characters, has 1"),
        (#"{"properties":{"n":{"maxLength":1}}}"#, #"{"n":"ab"}"#, "$.n: must have at most 1 character, has 2"),
        (#"{"properties":{"n":{"pattern":"^a+$"}}}"#, #"{"n":"ab"}"#, #"$.n: must match the pattern ^a+$, is "ab""#),
        (#"{"properties":{"n":{"minItems":1}}}"#, #"{"n":[]}"#, "$.n: must have at least 1 element, has 0"),
        (#"{"properties":{"n":{"maxItems":1}}}"#, #"{"n":[1,2]}"#, "$.n: must have at most 1 element, has 2"),
        (
            #"{"properties":{"n":{"items":{"type":"object","properties":{"to":{"items":{"maximum":10}}}}}}}"#,
            #"{"n":[{},{"to":[1,2,3,12]}]}"#, "$.n[1].to[3]: must be at most 10, is 12"
        ),
        (#"{"required":["path"]}"#, "{}", "$.path: is missing"),
        (#"{"required":["path"],"properties":{"path":{}}}"#, "{}", "$.path: is missing"),
        (
            #"{"properties":{"path":{}},"additionalProperties":false}"#, #"{"pat":1}"#,
            #"$.pat: is not a param here; did you mean "path"?"#
        ),
        (#"{"additionalProperties":{"type":"string"}}"#, #"{"odd name":1}"#, #"$["odd name"]: must be a text, is 1"#),
        (
            #"{"oneOf":[{"required":["a"]},{"required":["b"]}]}"#, #"{"a":1,"b":1}"#,
            "$: must fit exactly one of 2 alternatives, fits 2"
        ),
        (
            #"{"oneOf":[{"required":["a"]},{"required":["b"]}]}"#, "{}",
            "$: fits none of 2 alternatives: by the first, $.a: is missing; by the second, $.b: is missing"
        ),
        ("{}", "[]", "$: must be an object"),
        ("{}", "{", "$: is not JSON: line 1, column 2: a name in double quotes should be here"),
    ])
    func `what is wrong is said with place and value`(schema: String, params: String, expected: String) throws {
        let schema = schema == "{}" ? #"{"type":"object","properties":{}}"# : schema
        let found = try faults(schema, params).first
        #expect(found?.hasPrefix(expected) == true, "\(found ?? "")")
    }

    @Test(arguments: [
        (#"{"properties":{"n":{"type":"integer"}}}"#, #"{"n":1.0}"#),
        (#"{"properties":{"n":{"enum":[1,{"a":1,"b":2}]}}}"#, #"{"n":{"b":2.0,"a":1}}"#),
        (#"{"properties":{"n":{"maximum":9007199254740993}}}"#, #"{"n":9007199254740993}"#),
        (#"{"properties":{"n":{"minLength":1}}}"#, #"{"n":5}"#),
        (#"{"oneOf":[{"required":["a"]},{"required":["b"]}]}"#, #"{"b":1}"#),
        (#"{"$schema":"x","title":"t","description":"d","x-widget":"area","properties":{}}"#, #"{"any":[1]}"#),
    ])
    func `what fits passes through byte for byte`(schema: String, params: String) throws {
        #expect(try complete(schema, params) == params)
    }

    @Test func `defaults are filled in behind what is there, in the schema's order`() throws {
        let schema = """
            {"properties":{"a":{"default":1.50},"b":{},"c":{"type":"object","default":{},"properties":{"d":{"default":true}}},
             "e":{"items":{"properties":{"f":{"default":null}}}}},"required":["a"]}
            """
        #expect(try complete(schema, "{}") == #"{"a":1.50,"c":{"d":true}}"#)
        #expect(
            try complete(schema, #" {"z":1, "e":[{},{"f":2}], "b":2} "#)
                == #"{"z":1,"e":[{"f":null},{"f":2}],"b":2,"a":1.50,"c":{"d":true}}"#)
        #expect(try complete(schema, #" { "a":1,"c":{"d":0} }"#) == #" { "a":1,"c":{"d":0} }"#)
    }

    @Test func `the alternative that fits fills in its defaults`() throws {
        let schema = """
            {"oneOf":[{"required":["url"],"properties":{"tries":{"default":3}}},
                      {"required":["file"],"properties":{"mode":{"default":"r"}}}]}
            """
        #expect(try complete(schema, #"{"file":"x"}"#) == #"{"file":"x","mode":"r"}"#)
    }

    @Test func `all that is wrong is listed, up to a limit`() throws {
        let schema = try ParamsSchema(#"{"properties":{"n":{"items":{"type":"string"}}},"required":["a","b"]}"#)
        let params = #"{"n":[\#((0..<100).map(String.init).joined(separator: ","))]}"#
        let refusal = #expect(throws: ParamsRefusal.self) { try schema.complete(Array(params.utf8)) }
        #expect(refusal?.faults.count == ParamsRefusal.mostFaults)
        #expect(refusal?.more == 82)
        #expect(refusal?.description.hasSuffix("; and 82 more") == true)
    }

    @Test(arguments: [
        ("{", "line 1, column 2"), ("[]", "$: a schema is an object"),
        (#"{"type":"strin"}"#, #"did you mean "string"?"#),
        (#"{"type":"array"}"#, "params are an object"),
        (#"{"properties":{"a":{"maximun":1}}}"#, "$.properties.a.maximun"),
        (#"{"properties":{"a":{"maximun":1}}}"#, #"did you mean "maximum"?"#),
        (#"{"$ref":"x"}"#, "does not know the word"),
        (#"{"properties":{"a":true}}"#, "a schema is an object"), (#"{"required":"a"}"#, "must be a list"),
        (#"{"oneOf":[]}"#, "a list with something in it"),
        (#"{"properties":{"a":{"minimum":"1"}}}"#, "must be a number"),
        (#"{"properties":{"a":{"minLength":-1}}}"#, "0 or more"),
        (#"{"properties":{"a":{"pattern":"(?=x)"}}}"#, "character 3"),
        (
            #"{"properties":{"a":{"type":"integer","default":"x"}}}"#,
            #"$.properties.a.default: does not fit its own schema: $: must be a whole number, is "x""#
        ),
        (#"{"properties":{"a":{"x-secret":1}}}"#, "true or false"),
    ])
    func `schemas that cannot be used are refused with their place`(text: String, words: String) {
        let fault = #expect(throws: SchemaFault.self, "\(text)") { try ParamsSchema(text) }
        #expect(fault?.description.contains(words) == true, "\(fault?.description ?? "")")
    }

    @Test func `schemas without anything to check cost nothing`() throws {
        for text in ["{}", #"{"type":"object"}"#, #"{"type":"object","description":"x","properties":{}}"#] {
            #expect(try !ParamsSchema(text).judges)
        }
        for text in [#"{"additionalProperties":false}"#, #"{"required":["a"]}"#, #"{"properties":{"a":{}}}"#] {
            #expect(try ParamsSchema(text).judges)
        }
    }

    // MARK: Secrets

    private static let login = """
        {"properties":{"user":{"type":"string"},"password":{"type":"string","minLength":8,"x-secret":true},
         "more":{"additionalProperties":{"x-secret":true}},
         "login":{"oneOf":[{"type":"string"},{"type":"object","properties":{"pin":{"type":"integer","x-secret":true}}}]}}}
        """

    @Test func `what is secret is masked, and nothing else`() throws {
        let schema = try ParamsSchema(Self.login)
        let params = #"{"user":"ann","password":"hunter22","more":{"k":{"deep":["topsecret"]}},"login":{"pin":12345}}"#
        #expect(schema.hasSecrets)
        #expect(
            String(decoding: schema.masked(Array(params.utf8)), as: UTF8.self)
                == #"{"user":"ann","password":"[secret]","more":{"k":"[secret]"},"login":{"pin":"[secret]"}}"#)
        #expect(schema.masked(Array("not json hunter22".utf8)) == Array(#""[secret]""#.utf8))
        let texts = schema.secrets(in: Array(params.utf8))
        #expect(texts.hidden(in: "ann hunter22 topsecret 12345!") == "ann [secret] [secret] [secret]!")
    }

    @Test func `a refusal does not tell the secret`() throws {
        #expect(
            try faults(Self.login, #"{"password":"short"}"#) == ["$.password: must have at least 8 characters, has 5"])
        #expect(try faults(Self.login, #"{"password":4711}"#) == ["$.password: must be a text, is a number"])
        let alternatives = try faults(Self.login, #"{"login":{"pin":"abcdef"}}"#).joined()
        #expect(!alternatives.contains("abcdef"))
    }

    @Test func `secrets are found escaped and line by line, and short ones are let be`() throws {
        let texts = SecretTexts(["say \"hi\"\nsecond line", "abc"])
        #expect(texts.hidden(in: #"{"x":"say \"hi\"\nsecond line"} abc"#) == #"{"x":"[secret]"} abc"#)
        #expect(texts.hidden(in: "say \"hi\"") == "[secret]")
        #expect(texts.hidden(in: "nothing") == "nothing")
        #expect(SecretTexts(["aaaa", "aaaaaaaa"]).hidden(in: "aaaaaaaaa") == "[secret]a")
    }

    // MARK: Hostile input

    @Test func `hostile params end in a refusal, not in time`() throws {
        let schema = try ParamsSchema(#"{"properties":{"n":{"items":{"pattern":"^(a?){900}b"}}}}"#)
        let text = String(repeating: "a", count: 5000)
        let params = #"{"n":["\#(text)"\#(String(repeating: #","\#(text)""#, count: 200))]}"#
        let refusal = #expect(throws: ParamsRefusal.self) { try schema.complete(Array(params.utf8)) }
        #expect(refusal?.faults.contains { $0.reason.contains("too much work") } == true)
    }

    @Test func `any bytes as schema and as params give an answer`() throws {
        var random = SeededRandom(seed: 11)
        let pieces = [
            "{", "}", "[", "]", ":", ",", "\"type\"", "\"object\"", "\"properties\"", "\"oneOf\"", "\"default\"", "1",
            "null", "true", "\"pattern\"", "\"(a|b)*\"", "\"required\"", "\"a\"", "\"items\"", "\"x-secret\"",
        ]
        let sound = try ParamsSchema(Self.login)
        for _ in 0..<3000 {
            let text = (0..<Int.random(in: 0...24, using: &random)).map { _ in
                pieces.randomElement(using: &random) ?? ""
            }.joined()
            let schema = try? ParamsSchema(text)
            _ = try? schema?.complete(Array(#"{"a":[1,"a",{"a":null}]}"#.utf8))
            _ = try? sound.complete(Array(text.utf8))
            _ = sound.masked(Array(text.utf8))
        }
    }
}
