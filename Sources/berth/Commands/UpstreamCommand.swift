import ArgumentParser
import HostHTTP
import JobModel

struct UpstreamCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "upstream", abstract: "Look at the servers that dispatch runs to this host.",
        discussion: "`upstreams:` in berth.yaml says which there are; docs/upstreams.md says what their states mean.",
        subcommands: [List.self, Show.self, Forget.self, UpstreamImport.self], defaultSubcommand: List.self)

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "List upstreams and how they stand with their servers.")
        @OptionGroup var host: HostOptions

        func run() async throws {
            try await host.show({ try await $0.get("/upstreams") }) {
                let upstreams = ($0["upstreams"]?.array ?? []).map(UpstreamView.init(json:))
                UpstreamTable.table(upstreams, now: SystemClock.now).print()
            }
        }
    }

    struct Show: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Everything about one upstream.")
        @Argument(help: "Name of the upstream, as in berth.yaml.")
        var name: String
        @OptionGroup var host: HostOptions

        func run() async throws {
            try await host.show({ try await $0.get("/upstreams/\(HostClient.escape(name))") }) {
                UpstreamTable.facts(UpstreamView(json: $0), now: SystemClock.now).print()
            }
        }
    }

    struct Forget: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Give up what is still owed to an upstream that is in berth.yaml no longer.",
            discussion: "Its runs go on; their ends are reported to nobody, and history may let them go.")
        @Argument(help: "Name of the upstream.")
        var name: String
        @OptionGroup var host: HostOptions

        func run() async throws {
            try await host.show({ try await $0.post("/upstreams/\(HostClient.escape(name))/forget") }) {
                print("given up: \($0["forgotten"]?.integer ?? 0) reports")
            }
        }
    }
}
