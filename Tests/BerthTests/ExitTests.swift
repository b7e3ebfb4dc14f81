import HostHTTP
import Testing

@testable import berth

struct ExitTests {
    @Test func `exit codes are those that scripts know`() {
        #expect(Exit.allCases.map(\.rawValue) == [0, 1, 2, 3, 4, 5, 6])
    }

    @Test(arguments: [
        (ProblemCode.invalidField, Int32(2)), (.badJSON, 2), (.componentNotFound, 4), (.runNotFound, 4), (.noRuns, 4),
        (.unauthorized, 5), (.jobOwned, 5), (.wrongState, 5), (.storeFailing, 6), (.stopping, 6), (.internalError, 6),
    ])
    func `what the host refuses has an exit code`(code: ProblemCode, exit: Int32) {
        #expect(Failure(Problem(code, "x")).exit.rawValue == exit)
    }

    @Test func `a refusal is never taken for success or for a failed run`() {
        for code in ProblemCode.allCases { #expect(Exit(code).rawValue >= 2) }
    }
}
