import BerthPlugin
import PluginName
import Testing

@Suite(.serialized) struct PluginNameTests {
    @Test func `hello lets a program greet`() throws {
        let plugin = try #require(FakeHost.load(entry))
        let attempt = FakeAttempt()
        #expect(attempt.run(plugin, "hello", #"{"name":"Ada"}"#) == BERTH_OK)
        #expect(attempt.output == "Hello, Ada!\n")
    }

    @Test func `hello asks for a name`() throws {
        let plugin = try #require(FakeHost.load(entry))
        let attempt = FakeAttempt()
        #expect(attempt.run(plugin, "hello", "{}") == BERTH_FAIL_PARAMS)
        #expect(attempt.record.error == #""name" is missing: a text"#)
    }

    @Test func `hello ends when asked`() throws {
        let plugin = try #require(FakeHost.load(entry))
        let attempt = FakeAttempt()
        attempt.ask()
        #expect(attempt.run(plugin, "hello", #"{"name":"Ada"}"#) == BERTH_CANCELLED)
        #expect(attempt.output.isEmpty)
    }
}
