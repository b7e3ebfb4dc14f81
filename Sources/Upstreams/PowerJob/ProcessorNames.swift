import JobEngine
package import JobModel

/// Which component a processor info means.
package struct ProcessorNames: Sendable {
    private let aliases: [String: ComponentName]

    /// The upstream's own aliases go before those of the host, and all before what is shipped.
    package init(own: [String: ComponentName], host: [String: ComponentName]) {
        aliases = OfficialProcessor.aliases.merging(host) { $1 }.merging(own) { $1 }
    }

    package func component(
        _ processor: String, among components: some Collection<ComponentName>
    ) throws(UnknownComponent) -> ComponentName {
        try UpstreamText.component(processor, aliases: aliases, among: components)
    }
}
