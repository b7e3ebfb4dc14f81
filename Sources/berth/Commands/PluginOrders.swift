import ArgumentParser
import HostHTTP
import JobModel
import NIOHTTP1
import PluginCatalog

// What is done about plugins of a running host.
extension PluginCommand {
    struct PluginArgument: ParsableArguments {
        @Argument(help: "Id of the plugin.")
        var id: String

        func path(_ order: String) -> String { "/plugins/\(HostClient.escape(id))/\(order)" }
    }

    struct Reason: ParsableArguments {
        @Option(help: ArgumentHelp("Why, for whoever looks at it later.", valueName: "text"))
        var reason: String?

        var json: JSONValue? { reason.map { ["reason": .string($0)] } }
    }

    struct Disable: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Start nothing of a plugin until it is enabled.",
            discussion: "Running attempts go on to their end; its runs wait, also across restarts of the host.")
        @OptionGroup var plugin: PluginArgument
        @OptionGroup var reason: Reason
        @OptionGroup var host: HostOptions

        func run() async throws { try await host.order(plugin.path("disable"), reason.json) }
    }

    struct Enable: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Let a disabled plugin go on.")
        @OptionGroup var plugin: PluginArgument
        @OptionGroup var host: HostOptions

        func run() async throws { try await host.order(plugin.path("enable")) }
    }

    struct Rollback: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Use the version before the active one.",
            discussion: """
                The last three versions of each plugin are kept. The version that is left is set aside, although its file \
                stays: this content is not used, whatever file it comes in, until `berth plugin release`. A file of other \
                content is used at once.
                """)
        @OptionGroup var plugin: PluginArgument
        @OptionGroup var reason: Reason
        @OptionGroup var host: HostOptions

        func run() async throws { try await host.order(plugin.path("rollback"), reason.json) }
    }

    struct Release: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Let a plugin try again at once what it was kept from.",
            discussion: "Ends quarantines, and lets versions be used again that were set aside, where files hold them.")
        @OptionGroup var plugin: PluginArgument
        @OptionGroup var host: HostOptions

        func run() async throws { try await host.order(plugin.path("release")) }
    }

    struct Allow: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Put a plugin on the list of those that may be used, or see the list.",
            discussion: "What the list means is the setting plugin_policy: off, warn or enforce.")
        @Argument(help: ArgumentHelp("SHA-256 of a plugin file, or the file.", valueName: "digest|file"))
        var plugin: String?
        @Flag(help: "Take it off the list.")
        var remove = false
        @OptionGroup var host: HostOptions

        func run() async throws {
            let path = try plugin.map { "/plugins/_allowed/\(try Self.digest($0))" }
            try await host.show({ client in
                guard let path else { return try await client.get("/plugins/_allowed") }
                return try await client.send(remove ? .DELETE : .PUT, path)
            }) { Self.print(AllowedPluginsView(json: $0)) }
        }

        private static func digest(_ text: String) throws(Failure) -> String {
            guard !PluginPolicy.isDigest(text) else { return text }
            do throws(Rejection) {
                return try PluginFile(path: AbsolutePath.of(text)).digest
            } catch {
                throw Failure(.usage, "\"\(text)\" is neither a digest nor a plugin file: \(error.sentence).")
            }
        }

        private static func print(_ list: AllowedPluginsView) {
            Swift.print("plugin policy: \(list.policy)")
            for entry in list.allowed { Swift.print("\(entry.digest)  allowed by \(entry.by)") }
        }
    }
}

extension HostOptions {
    fileprivate func order(_ path: String, _ body: JSONValue? = nil) async throws {
        try await show({ try await $0.post(path, body) }) { answer in
            for sentence in PluginView(json: answer).story { Terminal.print(line: sentence) }
        }
    }
}
