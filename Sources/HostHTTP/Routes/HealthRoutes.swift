import Hummingbird
import JobEngine
import JobModel

/// For supervisors and load balancers; open to all.
struct HealthRoutes {
    let engine: JobEngine

    func add(to router: Router<BasicRequestContext>) {
        router.get("/healthz") { _, _ in Response(json: health) }
        router.get("/readyz") { _, _ in
            let status = try await engine.status()
            if let trouble = status.trouble { throw Problem(.notReady, trouble) }
            return Response(
                json: .object(present: [
                    "status": "ready", "schedules": .string(status.schedules.word),
                    "environment": .text(status.schedules.environment),
                ]))
        }
    }

    /// Alive in any case; degraded while something that was defined is not in force.
    private var health: JSONValue {
        let refused = engine.refused.count
        return ["status": refused == 0 ? "ok" : "degraded", "refused_definitions": .number(refused)]
    }
}
