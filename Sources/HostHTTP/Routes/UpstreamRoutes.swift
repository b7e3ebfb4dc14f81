import Hummingbird
package import JobModel

struct UpstreamRoutes {
    let upstreams: UpstreamStates

    func add(to router: RouterGroup<BasicRequestContext>) {
        router.get("/upstreams") { _, _ in
            Response(json: ["upstreams": .array(await upstreams().map { UpstreamView($0).json })])
        }
        router.get("/upstreams/:name") { _, context in
            let name = try context.parameters.require("name")
            let all = await upstreams()
            guard let status = all.first(where: { $0.name == name }) else {
                throw Problem(noUpstream: name, known: all.map(\.name))
            }
            return Response(json: UpstreamView(status).json)
        }
    }
}

/// How all upstreams of the host stand, in the order of its settings. Waits for no server.
package typealias UpstreamStates = @Sendable () async -> [UpstreamStatus]
