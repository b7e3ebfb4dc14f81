package import JobModel
package import ServiceLifecycle

/// A client of one server that dispatches runs to us.
///
/// `run` returns after graceful shutdown and never throws: a server that is gone or does not know us is a state with a
/// remedy. The engine has drained by then and still takes what is settled: the last ends are reported before `run`
/// returns, for a bounded time.
package protocol Upstream: Service {
    /// As `upstreams:` in berth.yaml calls it.
    var name: String { get }

    /// As it is now; waits for no server.
    func status() async -> UpstreamStatus

    /// The host begins to stop: nothing more is taken, the server is told so where that can be, and what is going on goes
    /// on being reported. Called once, before the engine drains; returns at once or after a bounded time.
    func drain() async
}
