import GuestPool
import JobModel
import Testing

@testable import PluginCheck

/// A check that could not be made says so, and why.
struct GuestChecksTests {
    private let key = AttemptKey(run: 7, number: 1)

    @Test func `An attempt that was never started has an end of its own, with the reason that comes behind it`() async {
        let ends = AttemptEnds()
        ends.take([.neverStarted(key), .noRoom("1 MiB are free")])
        #expect(await ends.end(of: 7) == .failure(NeverRan(why: "1 MiB are free")))
        ends.take([.neverStarted(key), .noProcess("fork: no")])
        #expect(await ends.end(of: 7) == .failure(NeverRan(why: "fork: no")))
        ends.take([.neverStarted(key)])
        #expect(await ends.end(of: 7) == .failure(NeverRan(why: "no guest was there to run it")))
    }

    @Test func `An attempt for which the machine had no guest says nothing of the plugin`() async {
        let ends = AttemptEnds()
        let now = Instant(microseconds: 1)
        let none = AttemptEnd(outcome: .crashed(.noGuest), message: "no memory", startedAt: now, finishedAt: now)
        ends.take([.ended(key, none)])
        #expect(await ends.end(of: 7) == .failure(NeverRan(why: "no memory")))
        let done = AttemptEnd(outcome: .succeeded, startedAt: now, finishedAt: now)
        ends.take([.ended(key, done)])
        #expect(await ends.end(of: 7) == .success(done))
    }

    @Test func `What a plugin needs is not known when nothing was started`() async throws {
        let verdict = try await CheckFixtures.exam(CheckFixtures.library("fine")) { exam throws(CheckError) in
            let (descriptor, targets) = try await exam.ready()
            await exam.pool.stop()
            return await GuestChecks(live: LiveChecks(exam: exam, descriptor: descriptor, targets: targets))
                .sandboxNeeds()
        }
        #expect(verdict == .notRun("no guest was there to run it"))
    }

    @Test func `A check whose files cannot be written is not run`() async throws {
        let verdict = try await CheckFixtures.exam(CheckFixtures.library("fine")) { exam throws(CheckError) in
            await LiveChecks.verdict(exam.probe(Check.loadNow.name, targets: []) { $0.scratch = exam.library })
        }
        guard case .notRun(let why) = verdict else {
            Issue.record("\(verdict)")
            return
        }
        #expect(why.hasPrefix("what it needs cannot be written below "))
    }

    @Test func `Two processes are compared only if both said something`() {
        #expect(LiveChecks.same(.value(1), .value(1)) == .passed(""))
        #expect(LiveChecks.same(.value(1), .value(2)) == .failed("another process says something else"))
        #expect(LiveChecks.same(.value(1), .died("died of SIGSEGV", doing: "")) == .failed("died of SIGSEGV"))
        #expect(LiveChecks.same(.value(1), .broken("no process")) == .notRun("no process"))
    }
}
