import HostHTTP
import JobEngine
import Testing

@testable import berth

/// `berth run` does not wait for room that nobody is told to make.
struct StartWatchTests {
    @Test(arguments: [
        (Trouble.room("28 MiB are free"), ProblemCode.diskFull, "28 MiB are free. Make room, or set TMPDIR"),
        (.guests("fork: too many"), .noGuests, "fork: too many. Raise the limit"),
    ])
    func `a trouble that stays is told`(trouble: Trouble, code: ProblemCode, words: String) throws {
        var patience = StartPatience()
        let looks = (1...StartPatience.looks).map { _ in patience.problem(after: trouble, isRunning: false) }
        #expect(looks.dropLast().allSatisfy { $0 == nil })
        let problem = try #require(looks.last ?? nil)
        #expect(problem.code == code && problem.detail.contains(words), "\(problem.detail)")
        #expect(Failure(problem).exit == .unavailable)
    }

    @Test func `one that passes, or that an attempt that runs may end, is borne`() {
        var patience = StartPatience()
        for look in 1...20 {
            let isOver = look.isMultiple(of: StartPatience.looks)
            let problem = patience.problem(after: isOver ? nil : .room("none"), isRunning: false)
            #expect(problem == nil)
        }
        for _ in 1...20 {
            let problem = patience.problem(after: .guests("none"), isRunning: true)
            #expect(problem == nil)
        }
        for _ in 1...20 {
            let problem = patience.problem(after: .stopping, isRunning: false)
            #expect(problem == nil)
        }
    }
}
