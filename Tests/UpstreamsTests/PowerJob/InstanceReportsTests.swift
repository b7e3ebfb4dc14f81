import AsyncHTTPClient
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
        _ body: @escaping @Sendable (InstanceReports, DispatchLedger, WorkingEngine) async throws -> Void
    ) async throws {
        try await WorkingEngine.with { host in
            var settings = PowerJobSettings(app: "swift-demo", servers: [HostPort(host: "127.0.0.1", port: 1)])
            settings.pace.answer = .milliseconds(100)
            let client = ServerCalls.makeClient(patience: settings.pace.answer)
            let calls = ServerCalls(client: client, patience: settings.pace.answer)
            let clock = ReportClock()
            let ledger = DispatchLedger(upstream: "cluster", engine: host.engine)
            try await ledger.recover()
            let parts = PowerJobParts(
                name: "cluster", settings: settings, engine: host.engine, ledger: ledger,
                discovery: Discovery(
                    settings: settings, calls: calls, clock: clock, version: "0", logger: WorkingEngine.quiet),
                calls: calls, clock: clock, address: HostPort(host: "127.0.0.1", port: 27777),
                processors: ProcessorNames(own: [:], host: [:]), version: "0", folder: "/",
                callers: Callers(ranges: [], hosts: []), logger: WorkingEngine.quiet)
            let reports = InstanceReports(
                parts: parts, logs: InstanceLogs(parts: parts), heavy: HeavyInstances(parts: parts))
            try await body(reports, ledger, host)
            try await client.shutdown()
        }
    }

    private static func request(_ component: String) throws -> RunRequest {
        let name = try #require(ComponentName(component))
        return RunRequest(
            component: name, dispatch: Dispatch(upstream: "cluster", instance: "1", note: note.bytes))
    }

    @Test func `an instance that is stopped while it is stored is not begun`() async throws {
        try await Self.with { reports, _, _ in
            #expect(await reports.claim(1, Self.note) == .isNew)
            await reports.stop(1)
            #expect(await !reports.stored(1, as: 7))
            #expect(await reports.detail(of: 1) == nil)
            // The same instance again is another matter.
            #expect(await reports.claim(1, Self.note) == .isNew)
            #expect(await reports.stored(1, as: 8))
        }
    }

    @Test func `an end that was read before the stop came is not told`() async throws {
        try await Self.with { reports, ledger, _ in
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

    @Test func `nobody waits for reports that are not sent any more`() async throws {
        try await Self.with { reports, ledger, _ in
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
