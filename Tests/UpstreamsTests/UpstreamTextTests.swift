import JobModel
import Testing

@testable import Upstreams

@Suite struct UpstreamTextTests {
    private let components = ["text/wordcount", "text/grep", "script/bash", "http/request", "odd/grep"].compactMap(
        ComponentName.init)
    private let aliases = ["demo": ComponentName("text/grep"), "bash": ComponentName("odd/grep")].compactMapValues(
        \.self)

    private func resolve(_ text: String) throws -> String {
        try UpstreamText.component(text, aliases: aliases, among: components).description
    }

    @Test(arguments: [
        ("demo", "text/grep"), ("text/wordcount", "text/wordcount"), ("wordcount", "text/wordcount"),
        ("bash", "odd/grep"), ("not/there", "not/there"),
    ])
    func `a text is an alias, a full name or the id of one component`(text: String, component: String) throws {
        #expect(try resolve(text) == component)
    }

    @Test func `an id that two plugins have names both`() {
        let error = #expect(throws: UnknownComponent.self) { try resolve("grep") }
        #expect(error?.description.contains("odd/grep or text/grep") == true)
    }

    @Test(arguments: ["", "nothing", "tech.powerjob.Official", "a/b/c"])
    func `what names nothing lists what there is`(text: String) {
        let error = #expect(throws: UnknownComponent.self) { try resolve(text) }
        #expect(error?.description.contains("script/bash") == true)
        #expect(error?.description.contains("demo") == true)
    }
}
