import Testing

@testable import JobModel

struct ExplainTests {
    @Test func `a run with nothing in its way is about to start`() throws {
        let explanation = explain(try facts())
        #expect(explanation.obstacles.isEmpty && explanation.sentence.hasPrefix("Nothing stands in its way"))
    }

    /// Each thing that can be in the way is one sentence, with the command that removes it.
    @Test func `each obstacle is told with what removes it`() throws {
        let cases: [(Obstacle.Kind, String?, (inout RunFacts) -> Void)] = [
            (.host, "berth doctor", { $0.trouble = "the store fails: disk full" }),
            (.notDue, "berth runs edit 7 --in 0s", { $0.run.due = $0.now + .seconds(90) }),
            (
                .retryDelay, "berth runs edit 7 --in 0s",
                { ($0.run.due, $0.run.counters.starts) = ($0.now + .seconds(90), 1) }
            ),
            (
                .children, "berth runs list --parent 7 --state pending,running,held",
                { ($0.run.children, $0.run.openChildren) = (5, 3) }
            ),
            (.step, "berth runs explain 8", { Self.wait(&$0, for: 8) }),
            (.step, "berth runs list --parent 7", { ($0.run.children, $0.run.openChildren) = (0, 1) }),
            (.queuePaused, "berth queue resume mail", { $0.queueIsPaused = true }),
            (.limit, "berth queue set mail --slots 8", { ($0.slots, $0.running) = (4, 4) }),
            (.limit, "berth queue set mail --slots 1000", { ($0.slots, $0.running) = (600, 600) }),
            (.limit, "berth runs list --queue mail --state running", { ($0.slots, $0.running) = (1000, 1000) }),
            (.rate, "berth queue set mail --rate none", { $0.rateFreeAt = $0.now + .seconds(1) }),
            (.componentLimit, "berth component limit text/wordcount 4", { $0.componentLimit = 2 }),
            (.componentLimit, "berth component limit text/wordcount none", { $0.componentLimit = 501 }),
            (.crashPause, "berth plugin release text", { $0.crashPause = "text/wordcount crashed 2 times in a row" }),
            (.grant, "berth plugin show text", { $0.missingGrant = "text/wordcount uses the network" }),
            (.guests, "berth runs list --component text/wordcount --state running", { $0.mostGuests = 2 }),
            (
                .lending, "berth runs list --parent 3 --state running",
                { ($0.run.parent, $0.familyIsFull) = (3, true) }
            ),
            (.priority, "berth runs list --queue mail --state pending", { $0.ahead = 18 }),
            (.overlap, "berth runs cancel 5", { $0.behind = [5, 6] }),
            (.missingComponent, "berth plugin show text", { $0.offer = .missing("no plugin offers it") }),
            (.withheld, "berth plugin enable text", { $0.offer = .withheld("text is disabled") }),
            (.missingComponent, "berth plugin list", { $0.offer = .unknownYet }),
            (.quarantine, "berth plugin release text", { $0.quarantine = "text/wordcount is quarantined" }),
            (.params, "berth runs cancel 7", { $0.misfit = "its params do not fit" }),
        ]
        for (kind, command, change) in cases {
            var facts = try facts()
            change(&facts)
            let obstacles = explain(facts).obstacles
            #expect(obstacles.map(\.kind) == [kind], "\(kind)")
            #expect(obstacles.first?.command == command, "\(kind)")
            #expect(obstacles.first?.sentence.hasSuffix(".") == true, "\(kind)")
        }
        var held = try facts()
        held.run.state = .held
        held.run.reason = "the host died; its effect is unknown"
        #expect(explain(held).obstacles.map(\.command) == ["berth runs retry 7"])
        held.lastChange = TransitionRecord(run: 7, at: held.now, from: .pending, to: .held, actor: "cli", reason: nil)
        #expect(explain(held).obstacles.map(\.command) == ["berth runs resume 7"])
        #expect(Set(cases.map(\.0) + [.held]) == Set(Obstacle.Kind.allCases), "every kind is shown above")
    }

    private static func wait(_ facts: inout RunFacts, for step: RunID) {
        facts.run.gate = .waiting
        facts.run.openChildren = 1
        facts.step = facts.run
        facts.step?.id = step
    }

    @Test func `several obstacles are told together, the weightiest first`() throws {
        var facts = try facts()
        facts.queueIsPaused = true
        facts.offer = .missing("no plugin offers it")
        facts.ahead = 1
        let explanation = explain(facts)
        #expect(explanation.obstacles.map(\.kind) == [.missingComponent, .queuePaused, .priority])
        #expect(explanation.sentence == "It has not started: 3 things are in its way.")
    }

    @Test func `a run in a version that was replaced says which of its two ends comes first`() throws {
        var facts = try facts()
        facts.run.state = .running
        facts.run.startedAt = facts.now
        facts.run.policy.timeout = .seconds(300)
        facts.isLeaving = true
        #expect(explain(facts).sentence.contains("may take 5m, in a version"))
        #expect(explain(facts).sentence.contains("it may end there"))
        for (drain, isFirst) in [(Duration.seconds(2), true), (.seconds(900), false)] {
            facts.leavesAt = facts.now + drain
            #expect(explain(facts).sentence.contains("it is asked to end at"))
            #expect(explain(facts).sentence.contains("may take 5m") != isFirst)
        }
        facts.leavesAt = facts.now + .seconds(-1)
        #expect(explain(facts).sentence.contains("it was asked to end at"))
    }

    @Test func `a deadline is told as long as it can still pass`() throws {
        var facts = try facts()
        facts.run.policy.notAfter = .seconds(60)
        #expect(explain(facts).sentence.contains("it expires"))
        var atStep = facts
        Self.wait(&atStep, for: 8)
        #expect(!explain(atStep).sentence.contains("it expires"))
        facts.run.counters.starts = 1
        #expect(!explain(facts).sentence.contains("it expires"))
    }

    @Test func `a failure says which rule made it final`() throws {
        let cases: [(Outcome, Int32, RunCounters, String)] = [
            (
                .failed(retryable: false), 101, RunCounters(starts: 1, failures: 1),
                "Attempt 1 failed for good (code 101)"
            ),
            (.failed(retryable: true), 1, RunCounters(starts: 3, failures: 3), "All 3 attempts it had failed: oops."),
            (.timedOut, 0, RunCounters(starts: 3, failures: 3), "All 3 attempts it had failed: oops."),
            (.crashed(.memoryFault), 0, RunCounters(starts: 3, crashes: 3), "It took its guest down 3 times"),
        ]
        for (outcome, code, counters, words) in cases {
            var facts = try facts(.failed)
            facts.run.counters = counters
            facts.run.finishedAt = facts.now
            let end = AttemptEnd(
                outcome: outcome, code: code, message: "oops", startedAt: facts.now, finishedAt: facts.now)
            facts.attempts = [AttemptRecord(run: 7, number: counters.starts, end: end)]
            let explanation = explain(facts)
            #expect(explanation.sentence.hasPrefix(words), "\(explanation.sentence)")
            #expect(explanation.commands.contains("berth runs retry 7"))
        }
    }

    @Test func `ends that no attempt made say who made them`() throws {
        var cancelled = try facts(.cancelled)
        cancelled.lastChange = TransitionRecord(
            run: 7, at: cancelled.now, from: .pending, to: .cancelled, actor: "cli", reason: "no longer wanted")
        #expect(explain(cancelled).sentence.hasPrefix("It was cancelled by cli at "))
        #expect(explain(cancelled).sentence.hasSuffix("Z: no longer wanted."))
        cancelled.lastChange?.reason = "cancelled by cli: no longer wanted"
        #expect(explain(cancelled).sentence.hasSuffix("Z: no longer wanted."))
        var skipped = try facts(.skipped)
        skipped.run.reason = "1 run of the job had not ended"
        #expect(explain(skipped).sentence == "It was never run: 1 run of the job had not ended.")
        var misfit = try facts(.failed)
        misfit.run.reason = "its params do not fit"
        #expect(explain(misfit).sentence == "It failed without an attempt: its params do not fit.")
    }

    @Test func `one that runs, and one that is over well`() throws {
        var running = try facts(.running)
        running.run.counters.starts = 2
        running.run.startedAt = running.now
        #expect(explain(running).sentence.contains("attempt 2, which may take 5m"))
        var succeeded = try facts(.succeeded)
        let end = AttemptEnd(outcome: .succeeded, startedAt: succeeded.now, finishedAt: succeeded.now + .seconds(3))
        succeeded.attempts = [AttemptRecord(run: 7, number: 1, end: end)]
        #expect(explain(succeeded).sentence == "Its first attempt succeeded after 3s.")
    }

    private func facts(_ state: RunState = .pending) throws -> RunFacts {
        let now = Instant(microseconds: 1_000_000_000_000)
        let run = RunRecord(
            id: 7, component: try #require(ComponentName("text/wordcount")), queue: "mail", jobName: "tick",
            state: state, due: now, createdAt: now, params: [], children: 5)
        return RunFacts(run: run, now: now)
    }
}
