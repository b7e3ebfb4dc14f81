import JobModel
import Logging
import Testing
import Upstreams

/// Who may give tasks: workers that the server knows, besides those that the operator names.
@Suite struct HeavyDoorTests {
    @Test func `a worker that is not named is let in when it is vouched for, and not before`() async throws {
        let callers = Callers(ranges: [], hosts: ["192.0.2.1"])
        let door = try await PowerJobDoor.open(
            HostPort(host: "127.0.0.1", port: 0), callers: callers,
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
        let serving = Task {
            await door.serve({ _, _ in .ok }, strangersAt: TaskOrder.path) { path, _ in
                guard path == TaskOrder.path else { return false }
                await callers.add("127.0.0.1")
                return true
            }
        }
        let worker = "127.0.0.1:\(door.port)"
        #expect(try await StandInServer.post(worker, "/worker/runJob", [:]).status == 403)
        #expect(try await StandInServer.post(worker, TaskOrder.path, [:]).status == 200)
        #expect(try await StandInServer.post(worker, "/worker/runJob", [:]).status == 200)
        serving.cancel()
        await serving.value
    }
}
