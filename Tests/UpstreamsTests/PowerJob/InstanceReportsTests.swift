import Foundation
import JobEngine
import JobModel
import TestSupport
import Testing

@testable import Upstreams

/// What is stopped or ends while something is under way, step by step.
@Suite struct InstanceReportsTests {
    private static let note = InstanceNote(app: 12, job: 501, workflow: nil, startTime: ReportClock.machine)

    private static func with(
        _ body: @escaping @Sendable (InstanceReports, DispatchLedger) async throws -> Void
    ) async throws {
        try await PowerJobParts.with { parts, _ in
            try await parts.ledger.recover()
            let reports = InstanceReports(
                parts: parts, logs: InstanceLogs(parts: parts), heavy: HeavyInstances(parts: parts))
            try await body(reports, parts.ledger)
        }
    }

    private static func request(_ component: String) throws -> RunRequest {
        let name = try #require(ComponentName(component))
        return RunRequest(
            component: name, dispatch: Dispatch(upstream: "cluster", instance: "1", note: note.bytes))
    }

    @Test func `an instance that is stopped while it is stored is not begun`() async throws {
        try await Self.with { reports, _ in
            #expect(await reports.claim(1, Self.note) == .isNew)
            await reports.stop(1)
            #expect(await !reports.stored(1, as: 7))
            #expect(await reports.detail(of: 1) == nil)
            // The same instance again is another matter.
            #expect(await reports.claim(1, Self.note) == .isNew)
            #expect(await reports.stored(1, as: 8))
        }
    }

    @Test func `an instance that is stored while a stop is on its way is stopped`() async throws {
        try await Self.with { reports, ledger in
            #expect(await reports.claim(1, Self.note) == .isNew)
            // Here the stop comes, and finds no run.
            #expect(await ledger.hush("1") == nil)
            guard case .created(let run) = try await ledger.take(Self.request("basic/wait")) else { return }
            #expect(await reports.stored(1, as: run.id))
            #expect(await reports.stop(1) == run.id)
            #expect(await ledger.hush("1", only: run.id + 1) == nil)
            #expect(await ledger.hush("1", only: run.id) == run.id)
            #expect(await ledger.figures(now: .now).owed == 0)
            await ledger.silence(run.id)
        }
    }

    @Test func `an end that was read before the stop came is not told`() async throws {
        try await Self.with { reports, ledger in
            guard case .created(let run) = try await ledger.take(Self.request("basic/noop")) else { return }
            var ends = ledger.ends.makeAsyncIterator()
            let ended = try #require(await ends.next())
            #expect(ended.run.id == run.id)
            _ = await ledger.hush("1")
            await reports.stop(1)
            await reports.finish(ended)
            #expect(await reports.ends == 0)
            #expect(await reports.detail(of: 1) == nil)
            await ledger.silence(run.id)
            #expect(await ledger.figures(now: .now).owed == 0)
        }
    }

    @Test func `whoever wants the lines of a run sent at once waits for one sending`() async throws {
        try await PowerJobParts.with { parts, _ in
            let logs = InstanceLogs(parts: parts)
            for run in RunID(1)...300 {
                await logs.follow(run, 1, .standard, isOld: true)
                await withTaskGroup(of: InstanceLogs.Sent.self) { group in
                    for _ in 0..<4 { group.addTask { await logs.flush(run) } }
                    for await sent in group { #expect(sent == .all) }
                }
            }
        }
    }

    @Test func `nobody waits for reports that are not sent any more`() async throws {
        try await Self.with { reports, ledger in
            guard case .created(let run) = try await ledger.take(Self.request("basic/echo")) else { return }
            #expect(await reports.claim(1, Self.note) == .isNew)
            #expect(await reports.stored(1, as: run.id))
            var ends = ledger.ends.makeAsyncIterator()
            // Its report is out, and nobody sends it.
            await reports.finish(try #require(await ends.next()))
            let asking = Task { await reports.claim(1, Self.note) }
            let running = Task { await reports.run() }
            running.cancel()
            await running.value
            #expect(await asking.value == .isHere)
            #expect(await reports.claim(1, Self.note) == .isHere)
        }
    }
}
