import Hummingbird
import JobEngine
import JobModel

/// For supervisors and load balancers; open to all.
struct HealthRoutes {
    let engine: JobEngine
    let upstreams: UpstreamStates

    func add(to router: Router<BasicRequestContext>) {
        router.get("/healthz") { _, _ in Response(json: health) }
        router.get("/readyz") { _, _ in
            let (trouble, schedules) = try await engine.trouble()
            if let trouble { throw Problem(trouble) }
            return Response(
                json: .object(present: [
                    "status": "ready", "schedules": .string(schedules.word),
                    "environment": .text(schedules.environment),
                    "reasons": await reasons(),
                ]))
        }
    }

    /// What is not as it should be and keeps the host from nothing else: servers that dispatch nothing to us.
    private func reasons() async -> JSONValue? {
        let words = await upstreams().filter { $0.state != .connected }.map { status in
            "upstream \(status.name) is \(status.state.rawValue)" + (status.remedy.map { ": \($0)" } ?? "")
        }
        return words.isEmpty ? nil : .texts(words)
    }

    /// Alive in any case; degraded while something that was defined is not in force.
    private var health: JSONValue {
        let refused = engine.refused.count
        return ["status": refused == 0 ? "ok" : "degraded", "refused_definitions": .number(refused)]
    }
}
