import Testing

@testable import PluginCatalog

struct SemanticVersionTests {
    @Test func `Versions are ordered as semver says`() throws {
        let rising = [
            "0.0.1", "0.9.0", "1.0.0-alpha", "1.0.0-alpha.1", "1.0.0-alpha.beta", "1.0.0-beta", "1.0.0-beta.2",
            "1.0.0-beta.11", "1.0.0-rc.1", "1.0.0", "1.0.1", "1.2.0", "1.10.0", "2.0.0",
        ]
        let versions = try rising.map { try #require(SemanticVersion($0), "\($0)") }
        for (low, high) in zip(versions, versions.dropFirst()) {
            #expect(low < high)
            #expect(!(high < low))
        }
    }

    @Test func `Build metadata does not matter`() throws {
        let left = try #require(SemanticVersion("1.0.0+a"))
        let right = try #require(SemanticVersion("1.0.0+b"))
        #expect(!(left < right) && !(right < left))
    }

    @Test(arguments: [
        "", "1", "1.0", "1.0.0.0", "01.0.0", "1.0.x", "v1.0.0", "1.0.0-", "1.0.0-a..b", "1.0.0-01", "1.0.0+", " 1.0.0",
        "1.0.99999999999999999999", "-1.0.0", "1..0",
    ])
    func `What is no version is refused`(_ text: String) {
        #expect(SemanticVersion(text) == nil)
    }
}
