import JobModel
import Testing

@testable import JobEngine

struct ZoneFilesTests {
    @Test func `zones of the system are read`() throws {
        let zones = ZoneFiles()
        let berlin = try #require(zones.rules("Europe/Berlin"))
        #expect(berlin.offset(at: Instant(microseconds: 1_700_000_000_000_000)) == 3600)
        #expect(zones.rules("UTC") == .utc)
    }

    @Test(arguments: [
        "", "/etc/passwd", "../zoneinfo/UTC", "Europe/../UTC", "Europe//Berlin", "Europe", "No/Where", "Europe/",
    ])
    func `what is no zone's name gives none`(name: String) {
        #expect(ZoneFiles().rules(name) == nil)
    }
}
