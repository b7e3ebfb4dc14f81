/// What an entry of `upstreams:` says, checked.
package enum UpstreamSettings: Hashable, Sendable {
    case powerJob(PowerJobSettings)
    case cronjob(CronjobSettings)

    /// The words of `kind:`.
    package static let kinds = ["powerjob", "cronjob"]

    package var kind: String {
        switch self {
        case .powerJob: "powerjob"
        case .cronjob: "cronjob"
        }
    }

    /// The client that lives by these settings.
    package func upstream(named name: String, on host: UpstreamHost) -> any Upstream {
        switch self {
        case .powerJob(let settings): PowerJobUpstream(name: name, settings: settings, host: host)
        case .cronjob(let settings): CronjobUpstream(name: name, settings: settings, host: host)
        }
    }
}
