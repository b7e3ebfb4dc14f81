import Hummingbird
import JobEngine
import JobModel

/// For supervisors and load balancers; open to all. Names, paths and remedies are for those who could ask the API.
struct HealthRoutes {
    let engine: JobEngine
    let upstreams: UpstreamStates
    let door: Door

    func add(to router: Router<BasicRequestContext>) {
        router.get("/healthz") { _, _ in Response(json: health) }
        router.get("/readyz") { request, _ in
            let isTrusted = door.admits(request)
            let (trouble, schedules) = try await engine.trouble()
            if let trouble {
                let problem = Problem(trouble)
                throw isTrusted
                    ? problem : Problem(problem.code, "The host is not ready; asked with its token, it says more.")
            }
            return Response(
                json: .object(present: [
                    "status": "ready", "schedules": .string(schedules.word),
                    "environment": .text(schedules.environment),
                    "reasons": await reasons(isTrusted),
                ]))
        }
    }

    /// What is not as it should be and keeps the host from nothing else: servers that dispatch nothing to us.
    private func reasons(_ isTrusted: Bool) async -> JSONValue? {
        let all = await upstreams()
        let away = all.filter { $0.state != .connected }
        guard !away.isEmpty else { return nil }
        guard isTrusted else {
            return .texts([
                "\(away.count) of \(all.count) upstreams are not connected; asked with its token, the host says more"
            ])
        }
        return .texts(
            away.map { status in
                "upstream \(status.name) is \(status.state.rawValue)" + (status.remedy.map { ": \($0)" } ?? "")
            })
    }

    /// Alive in any case; degraded while something that was defined is not in force.
    private var health: JSONValue {
        let refused = engine.refused.count
        return ["status": refused == 0 ? "ok" : "degraded", "refused_definitions": .number(refused)]
    }
}

extension Door {
    /// Whether who asks may ask for everything.
    fileprivate func admits(_ request: Request) -> Bool {
        guard case .network(let host, _, let token) = self else { return true }
        let network = NetworkGuard<BasicRequestContext>(host: host, token: token)
        return (try? network.check(authorization: request.headers[.authorization])) != nil
    }
}
