import JobModel
import Testing

@testable import Upstreams

struct LogSourceTests {
    private static func source(lines: Int) -> LogSource {
        var source = LogSource(instance: 1, rule: .standard)
        source.waiting = (0..<lines).map { LogBatch.Line(instance: 1, time: 0, level: 2, text: "\($0)") }
        return source
    }

    @Test func `lines that a server refuses again and again, while it takes others, are let go`() {
        var source = Self.source(lines: 3)
        var letGo = (0..<4).map { _ in source.refuse(2, taken: 7) }
        letGo.append(source.refuse(2, taken: 8))
        #expect(letGo == [false, false, false, false, true])
        #expect(source.waiting.map(\.text) == ["2"] && source.refusals == 0)
    }

    @Test func `a server that takes nobody's lines is waited for`() {
        var source = Self.source(lines: 1)
        let letGo = (0..<100).contains { _ in source.refuse(1, taken: 7) }
        #expect(!letGo && source.waiting.count == 1)
        source.take(1)
        #expect(source.waiting.isEmpty && source.refusals == 0)
    }

    @Test func `lines that were forgotten meanwhile are taken by nobody`() {
        var source = Self.source(lines: 0)
        source.take(5)
        #expect(source.waiting.isEmpty)
    }
}
