import JobModel
import Testing

@testable import berth

/// A hang is a failure, too; but what counts is what was refused before anything was computed.
@Suite(.timeLimit(.minutes(1)))
struct YAMLMeasureTests {
    @Test func `aliases cannot blow a file up`() throws {
        let levels = (1...8).map { "l\($0): &l\($0) [*l\($0 - 1)\(String(repeating: ", *l\($0 - 1)", count: 9))]" }
        let error = refusal("l0: &l0 [x]\n" + levels.joined(separator: "\n"))
        #expect(error?.line == 6)
        #expect(error?.reason.contains("too many values") == true, "\(String(describing: error))")
    }

    @Test(arguments: [
        "a: &a [x]\n? *a\n: 1\n", "a: &a x\n*a : 1\n", "? [a]\n: 1\n", "? {a: b}\n: 1\n", "a: &a x\n? [*a]\n: 1\n",
    ])
    func `a name is a text, and no alias`(text: String) {
        let error = refusal(text)
        #expect(error?.reason.contains("a name must be a text") == true, "\(String(describing: error))")
        #expect(error?.line == (text.hasPrefix("?") ? 1 : 2))
    }

    @Test func `names of names of aliases are refused where the first stands`() {
        let levels = (1..<30).map { "a\($0): &a\($0) {? *a\($0 - 1) : 1, ? [*a\($0 - 1)] : 2}" }
        #expect(refusal("a0: &a0 [x]\n" + levels.joined(separator: "\n"))?.line == 2)
    }

    @Test func `depth is bounded, whether it is written or made of aliases`() {
        let texts = [
            "- &a0 [x]\n" + (1..<100_000).map { "- &a\($0) [*a\($0 - 1)]\n" }.joined(),
            String(repeating: "[", count: 900) + String(repeating: "]", count: 900),
            String(repeating: "[", count: 500_000),
            String(repeating: "- ", count: 900) + "x",
            String(repeating: "{a: ", count: 900) + "x" + String(repeating: "}", count: 900),
        ]
        let reasons = texts.map { refusal($0)?.reason.prefix(26) }
        #expect(reasons.allSatisfy { $0 == "values are nested too deep" }, "\(reasons)")
    }

    @Test func `long texts cannot be repeated without end`() {
        let long = "- &a \(String(repeating: "x", count: 100_000))\n"
        #expect(refusal(long + String(repeating: "- *a\n", count: 10)) == nil)
        #expect(refusal(long + String(repeating: "- *a\n", count: 11))?.line == 12)
        let name = String(repeating: "x", count: 1000)
        let list = (0..<90_000).map { _ in "1" }.joined(separator: ",")
        #expect(refusal("\(name): [\(list)]")?.reason.contains("too long") == true)
    }

    @Test func `anchors that are used as they should be are values`() throws {
        let jobs = try JobFile.jobs(
            in: """
                - {name: a, component: x/y, retry: &often {attempts: 9, delay: 1s}}
                - {name: b, component: x/y, retry: *often}
                """)
        #expect(jobs.map(\.policy.retry.attempts) == [9, 9])
    }

    @Test func `whatever is written, it is refused or has as many values as were counted`() throws {
        var random = SeededYAML(seed: 1)
        var (read, refused) = (0, 0)
        for _ in 0..<400 {
            let text = random.document()
            guard let measure = try? YAMLMeasure(of: text), let documents = try? YAMLDocument.read(text) else {
                refused += 1
                continue
            }
            read += 1
            let values = documents.reduce(0) { $0 + $1.json.count }
            #expect(measure.size.values == values, "\(text)")
            #expect(values <= YAMLMeasure.maximumValues, "\(text)")
        }
        #expect(read > 40 && refused > 40, "\(read) \(refused)")
    }

    private func refusal(_ text: String) -> YAMLError? {
        do {
            _ = try YAMLDocument.read(text)
            return nil
        } catch { return error }
    }
}

extension JSONValue {
    /// It and all values in it.
    fileprivate var count: Int {
        (array ?? members?.map(\.value) ?? []).reduce(1) { $0 + $1.count }
    }
}

/// Documents full of anchors and aliases, in all places; the same for the same seed.
private struct SeededYAML: RandomNumberGenerator {
    private var state: UInt64
    private var anchors = 0

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state ^= state << 13
        state ^= state >> 7
        state ^= state << 17
        return state
    }

    mutating func document() -> String {
        anchors = 0
        var lines: [String] = []
        for _ in 0..<Int.random(in: 1...30, using: &self) {
            let value = node(depth: Int.random(in: 0...3, using: &self))
            anchors += 1
            lines.append("- &a\(anchors) \(value)")
        }
        var text = lines.joined(separator: "\n") + "\n"
        if chance(5) { text += "---\n- *a\(anchors)\n" }
        if chance(5) { text.remove(at: text.indices.randomElement(using: &self) ?? text.startIndex) }
        return text
    }

    private mutating func node(depth: Int) -> String {
        guard depth > 0 else { return chance(2) ? alias() : "x" }
        let width = Int.random(in: 0...(chance(10) ? 40 : 4), using: &self)
        if chance(2) { return "[\((0..<width).map { _ in node(depth: depth - 1) }.joined(separator: ", "))]" }
        let members = (0..<width).map { index in
            let name = chance(60) ? "? \(chance(2) ? alias() : node(depth: depth - 1)) " : "n\(index)"
            return "\(name): \(node(depth: depth - 1))"
        }
        return "{\(members.joined(separator: ", "))}"
    }

    private mutating func alias() -> String {
        guard anchors > 0 else { return "x" }
        return "*a\(max(1, anchors - Int.random(in: 0...3, using: &self)))"
    }

    private mutating func chance(_ odds: Int) -> Bool { Int.random(in: 0..<odds, using: &self) == 0 }
}
