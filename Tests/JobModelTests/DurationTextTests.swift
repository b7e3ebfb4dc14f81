import JobModel
import Testing

struct DurationTextTests {
    @Test(arguments: [
        ("500ms", 500_000), ("5s", 5_000_000), ("1m30s", 90_000_000), ("1.5h", 5_400_000_000), ("2h45m", 9_900_000_000),
        ("7d", 604_800_000_000), ("0", 0), ("0s", 0), ("1.5s", 1_500_000), (".5s", 500_000), ("1.s", 1_000_000),
        ("12us", 12), ("12µs", 12), ("12μs", 12), ("1m1h", 3_660_000_000), ("007s", 7_000_000), ("1000ns", 1),
        ("0.000001s", 1), ("106751991d", 9_223_372_022_400_000_000),
    ])
    func `reads`(text: String, microseconds: Int64) throws {
        #expect(try #require(Duration(berthText: text)) == .microseconds(microseconds))
    }

    @Test(arguments: [
        "", " ", "5", "s", ".", ".s", "5 s", " 5s", "5s ", "-5s", "+5s", "1h 30m", "1H", "1w", "1:30", "NaN", "1e3s",
        "5ss", "1..5s", "1.5.5s", "106751992d", "99999999999999999999999999999999999999999999s", "５s", "5s\n", "d",
        "\u{0}",
        String(repeating: "1s", count: 100),
    ])
    func `refuses`(text: String) {
        #expect(Duration(berthText: text) == nil)
    }

    @Test(arguments: [
        (Duration.zero, "0s"), (.milliseconds(1500), "1.5s"), (.seconds(600), "10m"), (.seconds(5400), "1h30m"),
        (.milliseconds(250), "250ms"), (.seconds(90), "1m30s"), (.seconds(604_800), "7d"), (.seconds(129_600), "1d12h"),
        (.microseconds(1), "1µs"), (.nanoseconds(1), "1ns"), (.microseconds(1500), "1.5ms"), (.seconds(-90), "-1m30s"),
        (.milliseconds(61_001), "1m1.001s"), (Duration(attoseconds: 5), "0s"),
    ])
    func `prints`(duration: Duration, text: String) {
        #expect(duration.berthText == text)
    }

    @Test func `random durations survive printing and reading`() {
        var random = SeededRandom(seed: 21)
        for _ in 0..<5000 {
            let bits = Int.random(in: 1...62, using: &random)
            let duration = Duration.nanoseconds(Int64.random(in: 0...(1 << bits), using: &random))
            #expect(Duration(berthText: duration.berthText) == duration)
        }
    }

    @Test func `the ends of the range print without trapping`() {
        #expect(Duration.seconds(Int64.max).berthText == "106751991167300d15h30m7s")
        #expect(Duration.seconds(Int64.min + 1).berthText == "-106751991167300d15h30m7s")
    }

    @Test func `mutated texts never trap`() {
        var random = SeededRandom(seed: 22)
        let seed = Array("106751d23h59m12.5s3ms4µs5ns".utf8)
        for _ in 0..<5000 {
            let text = String(decoding: random.mutated(seed), as: UTF8.self)
            if let duration = Duration(berthText: text) { #expect(duration >= .zero) }
        }
    }

    @Test func `what no clock can count is held at the ends instead of trapping`() {
        let huge = Duration(attoseconds: .max)
        let tiny = Duration(attoseconds: .min)
        #expect(huge.microseconds == .max)
        #expect(tiny.microseconds == .min)
        #expect(Duration.seconds(9_223_372_036_854).microseconds == 9_223_372_036_854_000_000)
        #expect((Duration.seconds(9_223_372_036_854) + .milliseconds(900)).microseconds == .max)
        #expect(huge.berthText == Duration.seconds(Int64.max).berthText)
        #expect(tiny.berthText == "-" + huge.berthText)
        #expect(Instant.distantFuture - Instant(microseconds: -1) == .microseconds(Int64.max))
        #expect(Instant(microseconds: -2) - .distantFuture == .microseconds(Int64.min))
        #expect(Instant(microseconds: 5) + huge == .distantFuture)
    }
}
