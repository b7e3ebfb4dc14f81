import Hummingbird
import JobEngine
import JobModel

struct StatusRoutes {
    let engine: JobEngine
    let version: String
    let upstreams: UpstreamStates

    func add(to router: RouterGroup<BasicRequestContext>) {
        router.get("/status") { _, _ in
            let status = try await engine.status()
            let held = RunFilter(states: [.held], limit: StatusView.mostHeld)
            let view = StatusView(
                status, version: version, queues: try await unless(status.trouble) { try await engine.queues() },
                jobs: try await unless(status.trouble) { try await engine.jobs() },
                plugins: await engine.catalog.plugins, refused: engine.refused.all,
                held: try await unless(status.trouble) { try await engine.runs(held) },
                crashes: try await unless(status.trouble) { try await engine.crashStreaks().map { CrashReport($0) } },
                upstreams: await upstreams())
            return Response(json: view.json)
        }
    }

    /// A trouble is to be seen even if the store cannot be read for the rest.
    private func unless<Value>(_ trouble: Trouble?, _ read: () async throws -> [Value]) async throws -> [Value] {
        do { return try await read() } catch  where trouble != nil { return [] }
    }
}
