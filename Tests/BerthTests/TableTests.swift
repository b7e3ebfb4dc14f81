import HostHTTP
import JobModel
import Testing

@testable import berth

struct TableTests {
    @Test func `cells are aligned and nothing trails`() {
        var table = Table([.init("RUN", .right), .init("STATE"), .init("WHY")])
        table.add(["7", "succeeded", nil])
        table.add(["1234", "held", "because"])
        #expect(
            table.lines() == [
                " RUN  STATE      WHY",
                "   7  succeeded  -",
                "1234  held       because",
            ])
    }

    @Test func `lines are cut at the width of a terminal`() {
        var table = Table([.init("WHY")])
        table.add(["a long story"])
        #expect(table.lines(width: 8) == ["WHY", "a long …"])
    }

    @Test func `text from plugins cannot steer the terminal`() {
        var table = Table([.init("WHY")])
        table.add(["\u{1B}[2Jgone\nline"])
        #expect(table.lines() == ["WHY", " [2Jgone line"])
    }

    @Test(arguments: [
        (0, "now"), (-1, "1s ago"), (119, "in 119s"), (120, "in 2m"), (-7200, "2h ago"), (200_000, "in 2d"),
    ])
    func `times are told relative to now`(seconds: Int64, words: String) {
        let now = Instant(microseconds: 1_000_000_000_000)
        #expect(RelativeTime.words(Instant(microseconds: now.microseconds + seconds * 1_000_000), now: now) == words)
    }
}
