import JobModel
import Testing

struct FiringPolicyTests {
    @Test(arguments: ["skip", "allow", "allow(1)", "allow(1000)", "queue(1)", "queue(7)", "replace"])
    func `an overlap policy reads back as written`(text: String) {
        #expect(OverlapPolicy(text: text)?.text == text)
    }

    @Test(arguments: ["skip", "once", "all(1)", "all(10000)"])
    func `a rule for missed fires reads back as written`(text: String) {
        #expect(MissedPolicy.Rule(text: text)?.text == text)
    }

    @Test func `words without a number have one`() {
        #expect(OverlapPolicy(text: "queue") == .queue(1))
        #expect(OverlapPolicy(text: "allow") == .allow(nil))
        #expect(MissedPolicy.Rule(text: "all") == .all(1000))
    }

    @Test(arguments: [
        "", "skip(1)", "replace(2)", "queue(0)", "queue(1001)", "queue(-1)", "queue(+1)", "queue( 1)", "queue(1",
        "queue1)",
        "queue()", "queue(1))", "allow(99999999999999999999)", "Skip", "parallel", "(1)", "queue(１)", " skip",
    ])
    func `other texts are no overlap policy and no rule`(text: String) {
        #expect(OverlapPolicy(text: text) == nil)
        #expect(MissedPolicy.Rule(text: text) == nil)
    }

    @Test func `a thousand names spread evenly and always the same`() {
        let minute = Duration.seconds(60)
        var seconds = Array(repeating: 0, count: 60)
        for number in 0..<6000 {
            let place = NameSpread("job-\(number)").place(in: minute)
            #expect(place >= .zero && place < minute)
            seconds[Int(place.microseconds / 1_000_000)] += 1
        }
        #expect((seconds.min() ?? 0) > 50 && (seconds.max() ?? 0) < 160, "\(seconds)")
        #expect(NameSpread("backup").place(in: .seconds(1000)) == .microseconds(30_026_091))
        #expect(NameSpread("backup").place(in: .zero) == .zero)
        #expect(NameSpread("backup").place(in: .seconds(-5)) == .zero)
    }
}
