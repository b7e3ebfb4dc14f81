import JobModel
import Testing
import Upstreams

/// When which report is due, without clock and network.
@Suite struct ReportBookTests {
    private static func at(_ seconds: Int) -> Instant { Instant(microseconds: Int64(seconds) * 1_000_000) }
    private static let note = InstanceNote(app: 1, job: 2, workflow: nil, startTime: 0)
    private static let success = InstanceEnd(status: .succeeded, result: "ok", endTime: nil)

    private static func opened(_ instance: Int64 = 1, run: RunID? = 7) -> ReportBook {
        var book = ReportBook(pace: PowerJobPace())
        #expect(book.open(instance, note, firstReport: at(7)))
        if let run { book.store(instance, as: run) }
        return book
    }

    @Test func `a running instance is reported first when it was said, then every fifteen seconds`() throws {
        var book = Self.opened()
        #expect(book.take(now: Self.at(6)) == nil)
        for second in [7, 22, 37] {
            #expect(book.next == Self.at(second))
            let entry = try #require(book.take(now: Self.at(second)))
            #expect(entry.end == nil && book.take(now: Self.at(second)) == nil)
            #expect(
                book.answered(entry, second == 22 ? .unheard("") : .taken, reportTime: Int64(second), now: Self.at(second))
                    == .goesOn)
        }
        #expect(book[1]?.note.heard == 37 && book[1]?.reportTime == 37 && book.light == 1)
    }

    @Test func `an end is due at once, also while a report is out, and is settled when it is taken`() throws {
        var book = Self.opened()
        let running = try #require(book.take(now: Self.at(7)))
        book.end(1, Self.success, now: Self.at(8))
        #expect(book.light == 0 && book.take(now: Self.at(8)) == nil)
        #expect(book.answered(running, .taken, reportTime: 7000, now: Self.at(9)) == .goesOn)
        let final = try #require(book.take(now: Self.at(9)))
        #expect(final.end == Self.success && final.reportTime == 7000)
        #expect(book.answered(final, .taken, reportTime: 9000, now: Self.at(9)) == .settled(7))
        #expect(book[1] == nil && book.take(now: Self.at(1000)) == nil)
    }

    @Test func `a server that says no is asked six times, one that says nothing for ever`() throws {
        for (answer, isEndless) in [(ReportBook.Answer.refused("no"), false), (.unheard("down"), true)] {
            var book = Self.opened()
            book.end(1, Self.success, now: Self.at(0))
            var times: [Int] = []
            var consequence = ReportBook.Consequence.goesOn
            for second in 0..<400 {
                guard let entry = book.take(now: Self.at(second)) else { continue }
                times.append(second)
                consequence = book.answered(entry, answer, reportTime: 0, now: Self.at(second))
            }
            #expect(Array(times.prefix(6)) == [0, 15, 30, 45, 60, 75])
            #expect(Array(times.dropFirst(6)) == (isEndless ? [135, 195, 255, 315, 375] : []))
            #expect(consequence == (isEndless ? .goesOn : .givenUp(7, "no")))
        }
    }

    @Test func `what was never stored is not told for ever`() throws {
        var book = Self.opened(run: nil)
        book.end(1, Self.success, now: Self.at(0))
        var last = ReportBook.Consequence.goesOn
        for second in 0..<400 {
            guard let entry = book.take(now: Self.at(second)) else { continue }
            last = book.answered(entry, .unheard("down"), reportTime: 0, now: Self.at(second))
        }
        #expect(last == .givenUp(nil, "down") && book[1] == nil)
    }

    @Test func `what was dropped is not reported, and the answer to its last report changes nothing that came after`() throws {
        var book = Self.opened()
        let old = try #require(book.take(now: Self.at(7)))
        book.drop(1)
        #expect(book.light == 0)
        #expect(book.open(1, Self.note, firstReport: Self.at(20)))
        #expect(book.answered(old, .taken, reportTime: 99, now: Self.at(8)) == .goesOn)
        #expect(book[1]?.reportTime == 0 && book.take(now: Self.at(19)) == nil)
        #expect(book.take(now: Self.at(20))?.run == nil)
    }

    @Test func `an instance that is here is not opened again, one that was refused is`() {
        var book = Self.opened()
        #expect(!book.open(1, Self.note, firstReport: Self.at(0)))
        #expect(book.open(2, Self.note, firstReport: Self.at(0)))
        book.end(2, InstanceEnd(status: .failed, result: "unknown", endTime: nil), now: Self.at(0))
        #expect(book.open(2, Self.note, firstReport: Self.at(5)))
        #expect(book[2]?.end == nil && book.light == 2)
    }
}
