import Testing

@testable import JobModel

struct TimelineTests {
    @Test func `A run that failed once and then succeeded tells all of it`() throws {
        var run = try sample(.succeeded)
        run.actor = "cli"
        run.finishedAt = at(60)
        let attempts = [attempt(1, 10, 20, .failed(retryable: true), "busy"), attempt(2, 50, 60, .succeeded)]
        #expect(
            words(run, attempts) == [
                "1 -> pending by cli", "10 pending -> running by host: attempt 1",
                "20 running -> pending by host: failed: busy", "50 pending -> running by host: attempt 2",
                "60 running -> succeeded by host: succeeded",
            ])
    }

    @Test func `What a person did stands between, and is not told twice`() throws {
        var run = try sample(.running)
        run.counters.starts = 3
        run.startedAt = at(90)
        let attempts = [attempt(1, 10, 20, .crashed(.abort), "SIGABRT"), attempt(2, 40, 50, .failed(retryable: false))]
        let rows = [
            row(20, .running, .held, "host", "unknown effect"), row(30, .held, .pending, "api", nil),
            row(70, .failed, .pending, "cli", "fixed"),
        ]
        #expect(
            words(run, attempts, rows) == [
                "1 -> pending by api", "10 pending -> running by host: attempt 1",
                "20 running -> held by host: unknown effect", "30 held -> pending by api",
                "40 pending -> running by host: attempt 2", "50 running -> failed by host: failed",
                "70 failed -> pending by cli: fixed", "90 pending -> running by host: attempt 3",
            ])
    }

    @Test func `A planned instant that got no run was never pending`() throws {
        var run = try sample(.skipped)
        run.source = .schedule
        run.finishedAt = run.createdAt
        run.reason = "the run before it has not ended"
        #expect(words(run) == ["1 -> skipped by schedule: the run before it has not ended"])
    }

    @Test func `A child that ended with its parent says so`() throws {
        var run = try sample(.cancelled)
        run.source = .child
        run.parent = 5
        run.finishedAt = at(33)
        run.reason = "run 5, its parent, was cancelled"
        #expect(
            words(run) == [
                "1 -> pending by host: emitted by run 5",
                "33 pending -> cancelled by host: run 5, its parent, was cancelled",
            ])
    }

    private func words(
        _ run: RunRecord, _ attempts: [AttemptRecord] = [], _ rows: [TransitionRecord] = []
    ) -> [String] {
        timeline(of: run, attempts: attempts, transitions: rows).map { entry in
            let from = entry.from.map { "\($0.word) " } ?? ""
            let why = entry.reason.map { ": \($0)" } ?? ""
            return "\(entry.at.microseconds) \(from)-> \(entry.to.word) by \(entry.actor)\(why)"
        }
    }

    private func sample(_ state: RunState) throws -> RunRecord {
        RunRecord(
            id: 7, component: try #require(ComponentName("text/wordcount")), queue: "default", state: state,
            due: at(1), createdAt: at(1), params: [])
    }

    private func attempt(
        _ number: Int32, _ start: Int64, _ end: Int64, _ outcome: Outcome, _ message: String? = nil
    ) -> AttemptRecord {
        AttemptRecord(
            run: 7, number: number,
            end: AttemptEnd(outcome: outcome, message: message, startedAt: at(start), finishedAt: at(end)))
    }

    private func row(
        _ time: Int64, _ from: RunState, _ to: RunState, _ actor: String, _ reason: String?
    ) -> TransitionRecord {
        TransitionRecord(run: 7, at: at(time), from: from, to: to, actor: actor, reason: reason)
    }

    private func at(_ microseconds: Int64) -> Instant { Instant(microseconds: microseconds) }
}
