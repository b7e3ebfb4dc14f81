import Hummingbird
import JobEngine
package import JobModel

struct UpstreamRoutes {
    let engine: JobEngine
    let upstreams: UpstreamStates

    func add(to router: RouterGroup<BasicRequestContext>) {
        router.get("/upstreams") { _, _ in
            Response(json: ["upstreams": .array(await upstreams().map { UpstreamView($0).json })])
        }
        router.get("/upstreams/:name") { _, context in
            Response(json: UpstreamView(try await status(try context.name("name"))).json)
        }
        router.post("/upstreams/:name/forget") { _, context in
            let status = try await status(try context.name("name"))
            guard status.state == .removed else {
                throw Problem(
                    .wrongState,
                    "The upstream \"\(status.name)\" is in berth.yaml and reports by itself; take it out there first.")
            }
            let runs = try await engine.owed(to: status.name).map(\.run)
            try await engine.settle(runs)
            return Response(json: ["forgotten": .number(runs.count)])
        }
    }

    private func status(_ name: String) async throws -> UpstreamStatus {
        let all = await upstreams()
        guard let status = all.first(where: { $0.name == name }) else {
            throw Problem(noUpstream: name, known: all.map(\.name))
        }
        return status
    }
}

/// How all upstreams of the host stand, in the order of its settings. Waits for no server.
package typealias UpstreamStates = @Sendable () async -> [UpstreamStatus]
