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
        _ = book.open(instance, note, firstReport: at(7))
        if let run { book.store(instance, as: run) }
        return book
    }

    /// What becomes of an end that is always answered so, and at which seconds it is reported.
    private static func tell(
        _ book: inout ReportBook, _ answer: ReportBook.Answer
    ) -> (seconds: [Int], last: ReportBook.Consequence) {
        var seconds: [Int] = []
        var last = ReportBook.Consequence.goesOn
        book.end(1, success, now: at(0))
        for second in 0..<400 {
            guard let entry = book.take(now: at(second)) else { continue }
            seconds.append(second)
            last = book.answered(entry, answer, reportTime: 0, now: at(second))
        }
        return (seconds, last)
    }

    @Test func `a running instance is reported first when it was said, then every fifteen seconds`() throws {
        var book = Self.opened()
        var early = book.take(now: Self.at(6))
        #expect(early == nil)
        for second in [7, 22, 37] {
            #expect(book.next == Self.at(second))
            let taken = book.take(now: Self.at(second))
            let entry = try #require(taken)
            early = book.take(now: Self.at(second))
            #expect(entry.end == nil && early == nil)
            let answer = second == 22 ? ReportBook.Answer.unheard("") : .taken
            let consequence = book.answered(entry, answer, reportTime: Int64(second), now: Self.at(second))
            #expect(consequence == .goesOn)
        }
        #expect(book[1]?.note.heard == 37 && book[1]?.reportTime == 37 && book.light == 1)
    }

    @Test func `an end is due at once, also while a report is out, and is settled when it is taken`() throws {
        var book = Self.opened()
        let first = book.take(now: Self.at(7))
        let running = try #require(first)
        book.end(1, Self.success, now: Self.at(8))
        let early = book.take(now: Self.at(8))
        #expect(book.light == 0 && early == nil)
        let goesOn = book.answered(running, .taken, reportTime: 7000, now: Self.at(9))
        #expect(goesOn == .goesOn)
        let second = book.take(now: Self.at(9))
        let final = try #require(second)
        #expect(final.end == Self.success && final.reportTime == 7000)
        let settled = book.answered(final, .taken, reportTime: 9000, now: Self.at(9))
        let late = book.take(now: Self.at(1000))
        #expect(settled == .settled(7) && book[1] == nil && late == nil)
    }

    @Test func `a server that says no is asked six times`() {
        var book = Self.opened()
        let (seconds, last) = Self.tell(&book, .refused("no"))
        #expect(seconds == [0, 15, 30, 45, 60, 75])
        #expect(last == .givenUp(7, "no") && book[1] == nil)
    }

    @Test func `a server that says nothing is told for ever, after six tries more slowly`() {
        var book = Self.opened()
        let (seconds, last) = Self.tell(&book, .unheard("down"))
        #expect(seconds == [0, 15, 30, 45, 60, 75, 135, 195, 255, 315, 375])
        #expect(last == .goesOn && book.ends == 1)
    }

    @Test func `after an outage a server may say no a few times too`() throws {
        var book = Self.opened()
        book.end(1, Self.success, now: Self.at(0))
        var last = ReportBook.Consequence.goesOn
        for number in 0..<12 {
            let taken = book.take(now: Self.at(number * 100))
            let entry = try #require(taken)
            let answer = number < 10 ? ReportBook.Answer.unheard("down") : number == 10 ? .refused("not yet") : .taken
            last = book.answered(entry, answer, reportTime: 0, now: Self.at(number * 100))
            #expect((last == .goesOn) == (number < 11))
        }
        #expect(last == .settled(7))
    }

    @Test func `what was never stored is not told for ever`() {
        var book = Self.opened(run: nil)
        let (seconds, last) = Self.tell(&book, .unheard("down"))
        #expect(seconds.count == 6 && last == .givenUp(nil, "down") && book[1] == nil)
    }

    @Test func `what was dropped is not reported, nor does the answer to its last report touch what came after`() throws
    {
        var book = Self.opened()
        let taken = book.take(now: Self.at(7))
        let old = try #require(taken)
        book.drop(1)
        #expect(book.light == 0)
        let isOpen = book.open(1, Self.note, firstReport: Self.at(20))
        let consequence = book.answered(old, .taken, reportTime: 99, now: Self.at(8))
        #expect(isOpen && consequence == .goesOn && book[1]?.end == nil)
        #expect(book[1]?.reportTime == 99, "the server may have the old report, and wants a later one")
        let early = book.take(now: Self.at(19)), unstored = book.take(now: Self.at(20))
        #expect(early == nil && unstored == nil)
        book.store(1, as: 8)
        let due = book.take(now: Self.at(21))
        #expect(due?.run == 8)
    }

    @Test func `an instance that is here is not opened again, one that was refused is`() {
        var book = Self.opened()
        let again = book.open(1, Self.note, firstReport: Self.at(0))
        let other = book.open(2, Self.note, firstReport: Self.at(0))
        #expect(!again && other)
        book.end(2, InstanceEnd(status: .failed, result: "unknown", endTime: nil), now: Self.at(0))
        #expect(book.ends == 1)
        let anew = book.open(2, Self.note, firstReport: Self.at(5))
        #expect(anew && book[2]?.end == nil && book.light == 2 && book.ends == 0)
    }

    @Test func `an instance that comes again at once is reported later than before, whatever the clock says`() throws {
        var book = Self.opened()
        book.end(1, Self.success, now: Self.at(0))
        let taken = book.take(now: Self.at(0))
        let final = try #require(taken)
        _ = book.answered(final, .taken, reportTime: 500, now: Self.at(0))
        let isOpen = book.open(1, Self.note, firstReport: Self.at(0))
        #expect(isOpen && book[1]?.reportTime == 500)
    }
}
