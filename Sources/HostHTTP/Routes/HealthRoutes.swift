import Hummingbird
import JobEngine
import JobModel

/// For supervisors and load balancers; open to all.
struct HealthRoutes {
    let engine: JobEngine

    func add(to router: Router<BasicRequestContext>) {
        router.get("/healthz") { _, _ in Response(json: health) }
        router.get("/readyz") { _, _ in
            let (trouble, schedules) = try await engine.trouble()
            if let trouble { throw Problem(trouble) }
            return Response(
                json: .object(present: [
                    "status": "ready", "schedules": .string(schedules.word),
                    "environment": .text(schedules.environment),
                ]))
        }
    }

    /// Alive in any case; degraded while something that was defined is not in force.
    private var health: JSONValue {
        let refused = engine.refused.count
        return ["status": refused == 0 ? "ok" : "degraded", "refused_definitions": .number(refused)]
    }
}
