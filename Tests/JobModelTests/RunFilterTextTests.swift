import JobModel
import Testing

struct RunFilterTextTests {
    /// 2026-11-21T08:00:00Z
    private static let now = Instant(rfc3339: "2026-11-21T08:00:00Z") ?? .distantPast

    private func read(_ text: String) throws(FilterError) -> RunFilter { try RunFilter(text: text, now: Self.now) }

    @Test func `every term is read`() throws {
        let filter = try read(
            "  component:text/grep state:failed,expired\tjob:nightly queue:mail tag:a tag:b correlation:\"order 7\" "
                + "key:k source:schedule outcome:timed_out parent:7 cause:8 since:2h until:2026-11-21T07:59:00Z")
        #expect(filter.component == ComponentName("text/grep"))
        #expect(filter.states == [.failed, .expired])
        #expect(filter.job == "nightly" && filter.queue == "mail")
        #expect(filter.tags == ["a", "b"])
        #expect(filter.correlation == "order 7" && filter.key == "k")
        #expect(filter.source == .schedule && filter.outcome == .timedOut)
        #expect(filter.parent == 7 && filter.cause == 8)
        #expect(filter.since == Self.now + .seconds(-7200))
        #expect(filter.until == Self.now + .seconds(-60))
    }

    @Test func `a component's id is enough where one plugin alone has it`() throws {
        let known = ["text/grep", "disk/mount", "text/sort", "numbers/sort", "disk/mount"].compactMap(
            ComponentName.init)
        func component(_ text: String) throws(FilterError) -> String? {
            try RunFilter(text: "component:\(text)", now: Self.now, components: known).component?.description
        }
        #expect(try component("grep") == "text/grep")
        #expect(try component("mount") == "disk/mount")
        #expect(try component("other/grep") == "other/grep")
        let two = #expect(throws: FilterError.self) { try component("sort") }
        #expect(two?.reason.contains("numbers/sort or text/sort") == true, "\(String(describing: two))")
        let none = #expect(throws: FilterError.self) { try component("text") }
        #expect(none?.reason.contains("plugin id, slash") == true)
    }

    @Test func `nothing restricts nothing`() throws {
        #expect(try read(" \n ") == RunFilter())
    }

    @Test(arguments: [
        ("since:02:00", "2026-11-21T02:00:00Z"), ("since:08:00", "2026-11-21T08:00:00Z"),
        ("since:08:00:01", "2026-11-20T08:00:01Z"), ("since:23:59", "2026-11-20T23:59:00Z"),
        ("since:1d", "2026-11-20T08:00:00Z"), ("since:2026-11-01T00:00:00+01:00", "2026-10-31T23:00:00Z"),
    ])
    func `a time of day is the last one there was`(text: String, time: String) throws {
        #expect(try read(text).since?.rfc3339 == time)
    }

    @Test(arguments: [
        ("failed", "name:value"), ("state:", "state"), ("state:done", "states with commas"),
        ("state:failed,", "states"),
        ("sate:failed", "did you mean \"state\"?"), ("component:grep", "plugin id"), ("since:25:00", "a time"),
        ("since:2:00", "a time"), ("parent:x", "number"), ("parent:-1", "number"),
        ("state:failed state:held", "before"),
        ("correlation:\"open", "not closed"), ("key:\"a\"b", "blank must follow"), ("tag:a,b", "tag"),
        (":x", "no term"),
        ("source:moon", "enqueue"), ("outcome:fine", "succeeded"),
    ])
    func `a mistake is named with its term`(text: String, words: String) {
        let error = #expect(throws: FilterError.self) { try read(text) }
        #expect(error?.description.contains(words) == true, "\(String(describing: error))")
    }

    @Test(arguments: 1...20 as ClosedRange<UInt64>)
    func `any bytes are read or refused`(seed: UInt64) {
        var random = SeededRandom(seed: seed)
        let pieces = [
            "state:", "tag:", "\"", ":", " ", "failed", ",", "since:", "02:00", "\u{0}", "é", "job:x",
            "99999999999999999999",
        ]
        for _ in 0..<500 {
            let text = (0..<Int.random(in: 0...8, using: &random)).map { _ in
                pieces.randomElement(using: &random) ?? ""
            }.joined()
            let read = Result { () throws(FilterError) in try RunFilter(text: text, now: Self.now) }
            switch read {
            case .success(let filter): #expect(filter.states?.isEmpty != true)
            case .failure(let error): #expect(!error.reason.isEmpty)
            }
        }
    }
}
