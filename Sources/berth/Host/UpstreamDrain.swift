import JobEngine
import ServiceLifecycle
import Upstreams

/// The first thing that happens to upstreams when the host stops: they take nothing more, and what they took comes to its
/// end while they can still report it. Stands behind them in the order of services, since the last one stops first.
struct UpstreamDrain: Service {
    let upstreams: [any Upstream]
    let engine: JobEngine

    func run() async throws {
        try await gracefulShutdown()
        await withTaskGroup(of: Void.self) { group in
            for upstream in upstreams { group.addTask { await upstream.drain() } }
        }
        await engine.drain()
    }
}
