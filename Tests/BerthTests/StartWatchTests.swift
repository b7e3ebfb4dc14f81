import HostHTTP
import JobEngine
import Testing

@testable import berth

/// `berth run` does not wait for room that nobody is told to make.
struct StartWatchTests {
    @Test(arguments: [
        (Trouble.room("28 MiB are free at /tmp"), ProblemCode.diskFull, "28 MiB are free at /tmp. Make room, or set TMPDIR"),
        (.guests("fork: too many"), .noGuests, "fork: too many. Raise the limit"),
    ])
    func `a trouble that stays is told`(trouble: Trouble, code: ProblemCode, words: String) throws {
        var patience = StartPatience()
        for _ in 1..<StartPatience.looks { #expect(patience.problem(after: trouble, isRunning: false) == nil) }
        let problem = try #require(patience.problem(after: trouble, isRunning: false))
        #expect(problem.code == code && problem.detail.contains(words), "\(problem.detail)")
        #expect(Failure(problem).exit == .unavailable)
    }

    @Test func `one that passes, or that an attempt that runs may end, is borne`() {
        var patience = StartPatience()
        for look in 1...20 {
            let isOver = look.isMultiple(of: StartPatience.looks)
            #expect(patience.problem(after: isOver ? nil : .room("none"), isRunning: false) == nil)
        }
        for _ in 1...20 { #expect(patience.problem(after: .guests("none"), isRunning: true) == nil) }
        for _ in 1...20 { #expect(patience.problem(after: .stopping, isRunning: false) == nil) }
    }
}
