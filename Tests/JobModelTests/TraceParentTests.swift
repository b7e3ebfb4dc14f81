import JobModel
import Testing

struct TraceParentTests {
    @Test(arguments: ["00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"])
    func `a trace context of version 00 is taken`(text: String) {
        #expect(TraceParent.isValid(text))
    }

    @Test(arguments: [
        "", "00", "01-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
        "00-0AF7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
        "00-00000000000000000000000000000000-b7ad6b7169203331-01",
        "00-0af7651916cd43dd8448eb211c80319c-0000000000000000-01",
        "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331",
        "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01-x",
        "00-0af7651916cd43dd8448eb211c80319g-b7ad6b7169203331-01",
    ])
    func `anything else is not`(text: String) {
        #expect(!TraceParent.isValid(text))
    }

    @Test func `a run nobody gave one has its own, always the same`() {
        let texts = (1...1000).map { TraceParent.derived(run: $0, createdAt: Instant(microseconds: 7)) }
        #expect(texts.allSatisfy { TraceParent.isValid($0) })
        #expect(Set(texts).count == texts.count)
        #expect(TraceParent.derived(run: 1, createdAt: Instant(microseconds: 7)) == texts[0])
        #expect(TraceParent.derived(run: 1, createdAt: Instant(microseconds: 8)) != texts[0])
    }
}
