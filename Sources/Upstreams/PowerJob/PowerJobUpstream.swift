package import JobModel
import ServiceLifecycle

/// A worker of a PowerJob cluster.
package final class PowerJobUpstream: Upstream {
    package let name: String
    private let settings: PowerJobSettings
    private let host: UpstreamHost

    package init(name: String, settings: PowerJobSettings, host: UpstreamHost) {
        self.name = name
        self.settings = settings
        self.host = host
    }

    package func run() async {
        try? await gracefulShutdown()
    }

    package func status() async -> UpstreamStatus {
        UpstreamStatus(name: name, kind: "powerjob", state: .starting)
    }

    package func drain() async {}
}
