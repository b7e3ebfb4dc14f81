import Foundation
import Testing

@testable import JobModel

struct ZoneRulesTests {
    @Test(arguments: [
        ("Europe/Berlin", "2024-03-31T00:59:59Z", 3600), ("Europe/Berlin", "2024-03-31T01:00:00Z", 7200),
        ("Europe/Berlin", "2024-10-27T00:59:59Z", 7200), ("Europe/Berlin", "2024-10-27T01:00:00Z", 3600),
        ("America/New_York", "2099-07-01T00:00:00Z", -14_400), ("America/New_York", "2099-12-01T00:00:00Z", -18_000),
        ("Europe/Dublin", "2070-01-01T00:00:00Z", 0), ("Europe/Dublin", "2070-07-01T00:00:00Z", 3600),
        ("Australia/Lord_Howe", "2050-01-01T00:00:00Z", 39_600),
        ("Australia/Lord_Howe", "2050-07-01T00:00:00Z", 37_800),
        ("Pacific/Apia", "2011-12-30T09:59:59Z", -36_000), ("Pacific/Apia", "2011-12-30T10:00:00Z", 50_400),
        ("America/Scoresbysund", "2060-07-01T00:00:00Z", -3600), ("Asia/Kathmandu", "2060-07-01T00:00:00Z", 20_700),
        ("Africa/Casablanca", "2500-01-01T00:00:00Z", 3600), ("Europe/Berlin", "1800-01-01T00:00:00Z", 3208),
    ])
    func `offsets are those of known moments`(name: String, at: String, offset: Int) throws {
        #expect(try SystemZones.rules(name).offset(at: #require(Instant(rfc3339: at))) == offset)
    }

    @Test func `UTC never moves`() {
        for instant in [Instant.distantPast, Instant(microseconds: 0), .distantFuture] {
            #expect(ZoneRules.utc.offset(at: instant) == 0)
        }
    }

    /// The spans of the years 1900 to 2150 lie end to end, and a second on each side of an end belongs to each.
    @Test func `the spans of every zone fit together`() throws {
        for name in try SystemZones.names() {
            let zone = try SystemZones.rules(name)
            var second = -2_208_988_800
            var span = zone.span(at: second)
            while second < 5_680_281_600 {
                #expect(span.start <= second && span.end > second, "\(name) at \(second)")
                #expect(zone.span(at: span.end - 1) == span, "\(name) before \(span.end)")
                let following = zone.span(at: span.end)
                guard span.end < 5_680_281_600 else { break }
                #expect(following.start == span.end && following.offsetBefore == span.offset, "\(name) at \(span.end)")
                (second, span) = (span.end, following)
            }
        }
    }

    @Test func `the rule for later years continues the listed transitions`() throws {
        let berlin = try #require(YearlyRule(posix: "CET-1CEST,M3.5.0,M10.5.0/3".utf8))
        let zone = try SystemZones.rules("Europe/Berlin")
        for day in 0..<(365 * 20) {
            let second = 852_076_800 + day * 86_400 + 3 * 3600
            #expect(berlin.span(at: second).offset == zone.span(at: second).offset)
        }
    }

    @Test(arguments: [
        ("UTC0", 0), ("<+1030>-10:30", 37_800), ("<-00>0", 0), ("EST5EDT,0/0,J365/25", -14_400),
        ("XXX-24:59:59", 89_999), ("IST-1GMT0,M10.5.0,M3.5.0/1", 0), ("<-03>3<-02>,M3.5.0/-2,M10.5.0/-1", -10_800),
        ("IST-2IDT,M3.4.4/26,M10.5.0", 7200),
    ])
    func `rules are read`(text: String, january: Int) throws {
        #expect(try #require(YearlyRule(posix: text.utf8)).span(at: 1_705_276_800).offset == january)
    }

    @Test(arguments: [
        "", "U0", "UTC", "<+1>0", "<+10", "CET-1CEST", "CET-1CEST,M3.5.0", "CET-1CEST,M13.5.0,M10.5.0",
        "CET-1CEST,M3.6.0,M10.5.0", "CET-1CEST,M3.5.7,M10.5.0", "CET-1CEST,J0,J5", "CET-1CEST,366,5", "CET-25",
        "CET-1x",
        "CET-1CEST,M3.5.0/168,M10.5.0", "CET-1:60", "CET99999999999999999999", "CET-1CEST,M3.5.0,M10.5.0,",
    ])
    func `rules that break the format are refused`(text: String) {
        #expect(YearlyRule(posix: text.utf8) == nil)
    }

    @Test func `files that are none are refused with a reason`() throws {
        let berlin = try SystemZones.bytes("Europe/Berlin")
        #expect(throws: ZoneError.notZoneFile(zone: "x")) { try ZoneRules(tzif: [], name: "x") }
        #expect(throws: ZoneError.notZoneFile(zone: "x")) { try ZoneRules(tzif: Array("TZi".utf8), name: "x") }
        #expect(throws: ZoneError.truncated(zone: "x")) { try ZoneRules(tzif: Array("TZif2".utf8), name: "x") }
        for count in 5..<berlin.count {
            #expect(throws: ZoneError.self) { try ZoneRules(tzif: Array(berlin.prefix(count)), name: "x") }
        }
    }

    @Test func `a file of the first version is read`() throws {
        let header = Array("TZif".utf8) + [UInt8](repeating: 0, count: 16)
        let counts: [UInt8] = [0, 0, 0, 1, 2, 4].flatMap { [0, 0, 0, $0] }
        let transition: [UInt8] = [0, 0, 0, 100, 1]
        let types: [UInt8] = [0, 0, 0x0e, 0x10, 0, 0, 0xff, 0xff, 0xf1, 0xf0, 0, 0]
        let zone = try ZoneRules(tzif: header + counts + transition + types + Array("ABC\0".utf8), name: "old")
        #expect(zone.offset(at: Instant(microseconds: 99_999_999)) == 3600)
        #expect(zone.offset(at: Instant(microseconds: 100_000_000)) == -3600)
    }

    @Test func `counts that promise gigabytes are refused before they are believed`() throws {
        var bytes = try SystemZones.bytes("Europe/Berlin")
        for index in 20..<44 { bytes[index] = 0xff }
        #expect(throws: ZoneError.self) { try ZoneRules(tzif: bytes, name: "x") }
        for index in 28..<32 { bytes[index] = 0 }
        #expect(throws: ZoneError.truncated(zone: "x")) { try ZoneRules(tzif: bytes, name: "x") }
    }

    @Test func `mutated files never trap and what is accepted can be asked`() throws {
        var random = SeededRandom(seed: 41)
        let seeds = try ["Europe/Berlin", "Australia/Lord_Howe", "UTC", "Asia/Gaza"].map(SystemZones.bytes)
        let cron = try CronText("30 2 * * *")
        guard case .fields(let expression) = cron.rule else { return }
        var accepted = 0
        for round in 0..<2000 {
            guard let zone = try? ZoneRules(tzif: random.mutated(seeds[round % seeds.count]), name: "x") else {
                continue
            }
            accepted += 1
            for instant in [Instant.distantPast, Instant(microseconds: 1_700_000_000_000_000), .distantFuture] {
                #expect(abs(zone.offset(at: instant)) <= 93_600)
            }
            let now = Instant(
                microseconds: Int64.random(in: -9_000_000_000_000_000...9_000_000_000_000_000, using: &random))
            if let next = expression.next(after: now, in: zone) { #expect(next > now) }
            if let previous = expression.previous(before: now, in: zone) { #expect(previous < now) }
        }
        #expect(accepted > 150)
    }
}
