package import JobEngine
package import JobModel
package import Logging

/// What the host gives to each of its upstreams.
package struct UpstreamHost: Sendable {
    package var engine: JobEngine
    /// Names that stand for components, of the whole host; those of the upstream's own settings go before them.
    package var aliases: [String: ComponentName]
    /// Where plugins are dropped into, as an absolute path.
    package var plugins: String
    /// Of the host program.
    package var version: String
    package var logger: Logger

    package init(
        engine: JobEngine, aliases: [String: ComponentName] = [:], plugins: String, version: String, logger: Logger
    ) {
        self.engine = engine
        self.aliases = aliases
        self.plugins = plugins
        self.version = version
        self.logger = logger
    }
}
