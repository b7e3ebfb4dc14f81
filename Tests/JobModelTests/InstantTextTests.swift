import JobModel
import Testing

struct InstantTextTests {
    @Test(arguments: [
        ("1970-01-01T00:00:00Z", 0), ("1969-12-31T23:59:59.999999Z", -1),
        ("2024-02-29T12:00:00Z", 1_709_208_000_000_000),
        ("2024-02-29T12:00:00.25Z", 1_709_208_000_250_000), ("9999-12-31T23:59:59.999999Z", 253_402_300_799_999_999),
        ("0000-01-01T00:00:00Z", -62_167_219_200_000_000), ("2000-02-29T00:00:00.000001Z", 951_782_400_000_001),
    ])
    func `prints what it reads`(text: String, microseconds: Int64) throws {
        let instant = try #require(Instant(rfc3339: text))
        #expect(instant.microseconds == microseconds)
        #expect(instant.rfc3339 == text)
    }

    @Test(arguments: [
        ("2024-02-29T12:00:00+05:30", "2024-02-29T06:30:00Z"), ("2024-02-29t12:00:00z", "2024-02-29T12:00:00Z"),
        ("2024-01-01 00:30:00-01:00", "2024-01-01T01:30:00Z"), ("2024-01-01T00:30:00+14:00", "2023-12-31T10:30:00Z"),
        ("2024-01-01T00:00:00.1234567890123Z", "2024-01-01T00:00:00.123456Z"),
        ("2024-01-01T00:00:00.000Z", "2024-01-01T00:00:00Z"),
    ])
    func `reads offsets and other spellings`(text: String, canonical: String) throws {
        #expect(try #require(Instant(rfc3339: text)).rfc3339 == canonical)
    }

    @Test(arguments: [
        "", "2024", "2024-01-01", "2024-01-01T00:00:00", "2024-01-01T00:00Z", "2024-13-01T00:00:00Z",
        "2024-00-01T00:00:00Z", "2023-02-29T00:00:00Z", "2024-01-32T00:00:00Z", "2024-01-00T00:00:00Z",
        "2024-01-01T24:00:00Z", "2024-01-01T00:60:00Z", "2016-12-31T23:59:60Z", "2024-01-01T00:00:00.Z",
        "2024-01-01T00:00:00+24:00", "2024-01-01T00:00:00+05:60", "2024-01-01T00:00:00+0530", "24-01-01T00:00:00Z",
        "+024-01-01T00:00:00Z", "2024-01-01T00:00:00Zx", " 2024-01-01T00:00:00Z", "2024-01-01T00:00:00ZZ",
        "２024-01-01T00:00:00Z", "2024-1-1T00:00:00Z",
    ])
    func `refuses what is no instant`(text: String) {
        #expect(Instant(rfc3339: text) == nil)
    }

    @Test func `the ends of the range print without trapping`() {
        #expect(Instant.distantPast.rfc3339 == "-290308-12-21T19:59:05.224192Z")
        #expect(Instant.distantFuture.rfc3339 == "+294247-01-10T04:00:54.775807Z")
    }

    @Test func `random instants survive printing and reading`() {
        var random = SeededRandom(seed: 11)
        for _ in 0..<5000 {
            let instant = Instant(
                microseconds: .random(in: -62_167_219_200_000_000...253_402_300_799_999_999, using: &random))
            #expect(Instant(rfc3339: instant.rfc3339) == instant)
        }
    }

    @Test func `mutated texts never trap`() {
        var random = SeededRandom(seed: 12)
        let seed = Array("2024-02-29T12:00:00.123456+05:30".utf8)
        for _ in 0..<5000 {
            let text = String(decoding: random.mutated(seed), as: UTF8.self)
            if let instant = Instant(rfc3339: text) { #expect(Instant(rfc3339: instant.rfc3339) == instant) }
        }
    }
}
