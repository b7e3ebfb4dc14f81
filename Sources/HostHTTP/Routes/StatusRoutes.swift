import Hummingbird
import JobEngine
import JobModel

struct StatusRoutes {
    let engine: JobEngine
    let version: String

    func add(to router: RouterGroup<BasicRequestContext>) {
        router.get("/status") { _, _ in
            let status = StatusView(
                try await engine.status(), version: version, queues: try await engine.queues(),
                jobs: try await engine.jobs(), plugins: engine.catalog.plugins, refused: engine.refused.all,
                crashes: try await engine.crashStreaks().map { CrashReport($0) })
            return Response(json: status.json)
        }
    }
}
