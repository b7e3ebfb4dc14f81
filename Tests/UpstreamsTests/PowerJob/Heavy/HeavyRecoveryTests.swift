import JobEngine
import JobModel
import TestSupport
import Testing

@testable import Upstreams

/// What a host takes over of an instance that is launched again and again.
@Suite struct HeavyRecoveryTests {
    private static func request(_ instance: String, note: InstanceNote? = nil) throws -> RunRequest {
        let name = try #require(ComponentName("basic/wait"))
        return RunRequest(
            component: name, dispatch: Dispatch(upstream: "cluster", instance: instance, note: note?.bytes ?? []))
    }

    @Test func `of what the host before had counted it remembers what is owed still, and nothing else`() async throws {
        try await PowerJobParts.with { parts, _ in
            try await parts.ledger.recover()
            guard case .created(let launch) = try await parts.ledger.take(Self.request("9.1")) else { return }
            var order = InstanceOrder(job: 5, instance: 9, processor: "basic/wait")
            (order.timeType, order.timeExpression) = (.fixedRate, "3600000")
            let settling = [launch.id, launch.id + 1000, launch.id + 1001]
            let state: JSONValue = ["order": order.json, "settling": .array(settling.map { .number($0) })]
            let note = InstanceNote(app: 12, job: 5, workflow: nil, startTime: ReportClock.machine, heavy: state)
            _ = try await parts.ledger.take(Self.request("9", note: note))
            let heavy = HeavyInstances(parts: parts)
            await heavy.recover()
            var report = InstanceReport(
                app: 12, job: 5, instance: 9, workflow: nil, status: .running, startTime: 0, reportTime: 0, address: "a"
            )
            let kept = try #require(await heavy.describe(&report))
            #expect(kept["settling"] == [.number(launch.id)])
        }
    }
}
