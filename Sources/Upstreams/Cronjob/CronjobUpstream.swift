package import JobModel
import ServiceLifecycle

/// A worker of a cronjob server.
package final class CronjobUpstream: Upstream {
    package let name: String
    private let settings: CronjobSettings
    private let host: UpstreamHost

    package init(name: String, settings: CronjobSettings, host: UpstreamHost) {
        self.name = name
        self.settings = settings
        self.host = host
    }

    package func run() async {
        try? await gracefulShutdown()
    }

    package func status() async -> UpstreamStatus {
        UpstreamStatus(name: name, kind: "cronjob", state: .starting)
    }

    package func drain() async {}
}
