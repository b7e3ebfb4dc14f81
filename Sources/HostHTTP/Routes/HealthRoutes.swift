import Hummingbird
import JobEngine

/// For supervisors and load balancers; open to all.
struct HealthRoutes {
    let engine: JobEngine

    func add(to router: Router<BasicRequestContext>) {
        router.get("/healthz") { _, _ in Response(json: ["status": "ok"]) }
        router.get("/readyz") { _, _ in
            if let trouble = try await engine.status().trouble { throw Problem(.notReady, trouble) }
            return Response(json: ["status": "ready"])
        }
    }
}
