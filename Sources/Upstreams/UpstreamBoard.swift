package import JobEngine
package import JobModel

/// How all upstreams stand: those of the settings, in their order, and those that are in them no longer and still owed.
package struct UpstreamBoard: Sendable {
    private let upstreams: [any Upstream]
    private let engine: JobEngine

    package init(_ upstreams: [any Upstream], engine: JobEngine) {
        self.upstreams = upstreams
        self.engine = engine
    }

    /// Waits for no server. While the store cannot be read, what is left of removed upstreams is left out.
    package func states() async -> [UpstreamStatus] {
        var states: [UpstreamStatus] = []
        for upstream in upstreams { states.append(await upstream.status()) }
        let names = Set(upstreams.map(\.name))
        let owed = (try? await engine.owed()) ?? [:]
        return states
            + owed.filter { !names.contains($0.key) }.sorted { $0.key < $1.key }.map { name, count in
                UpstreamStatus(
                    name: name, kind: "", state: .removed, owed: count,
                    remedy: "put it back into berth.yaml, or give up its reports with `berth upstream forget \(name)`")
            }
    }
}
