import Hummingbird
package import JobEngine
import Logging

/// The routes of the API over one engine.
package struct HostAPI: Sendable {
    let engine: JobEngine
    let feed: EventFeed
    let version: String
    let upstreams: UpstreamStates

    /// `version` is that of the host program.
    package init(
        engine: JobEngine, feed: EventFeed, version: String, upstreams: @escaping UpstreamStates = { [] }
    ) {
        self.upstreams = upstreams
        self.engine = engine
        self.feed = feed
        self.version = version
    }

    /// The same routes for each door, behind what the door asks for.
    func router(for door: Door) -> Router<BasicRequestContext> {
        let router = Router(context: BasicRequestContext.self, options: .autoGenerateHeadEndpoints)
        router.add(middleware: ProblemMiddleware())
        if case .network(let host, _, let token) = door {
            router.add(middleware: NetworkGuard(host: host, token: token))
        }
        let known = KnownRoutes()
        router.add(middleware: MethodGuard(routes: known))
        router.add(middleware: QueryGuard())
        router.add(middleware: BodyGuard())
        HealthRoutes(engine: engine, upstreams: upstreams, door: door).add(to: router)
        let api = router.group("/api/v1")
        RunRoutes(engine: engine).add(to: api)
        RunListRoutes(engine: engine).add(to: api)
        BulkRoutes(engine: engine).add(to: api)
        LogRoutes(engine: engine).add(to: api)
        JobRoutes(engine: engine).add(to: api)
        SchedulerRoutes(engine: engine).add(to: api)
        QueueRoutes(engine: engine).add(to: api)
        PluginRoutes(engine: engine).add(to: api)
        LimitRoutes(engine: engine).add(to: api)
        StatusRoutes(engine: engine, version: version, upstreams: upstreams).add(to: api)
        UpstreamRoutes(engine: engine, upstreams: upstreams).add(to: api)
        EventRoutes(feed: feed).add(to: api)
        known.set(router)
        return router
    }
}
