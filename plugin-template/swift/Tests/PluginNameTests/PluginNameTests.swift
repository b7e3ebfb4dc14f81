import BerthPlugin
import PluginName
import Testing

@Suite(.serialized) struct PluginNameTests {
    @Test func `hello greets by name`() throws {
        let plugin = try #require(FakeHost.load(entry))
        let attempt = FakeAttempt()
        #expect(attempt.run(plugin, "hello", #"{"name":"Ada"}"#) == BERTH_OK)
        #expect(attempt.output == #"{"greeting":"Hello, Ada!"}"#)
    }

    @Test func `hello asks for a name`() throws {
        let plugin = try #require(FakeHost.load(entry))
        let attempt = FakeAttempt()
        #expect(attempt.run(plugin, "hello", "{}") == BERTH_FAIL_PARAMS)
        #expect(attempt.record.error == #""name" is missing: a text"#)
    }
}
