import ArgumentParser
import HostHTTP
import JobModel

struct ComponentCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "component", abstract: "See what can be run.", subcommands: [List.self, Show.self],
        defaultSubcommand: List.self)

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "List the components of the active plugins.")
        @OptionGroup var host: HostOptions

        func run() async throws {
            try await host.show({ try await $0.get("/components") }) { json in
                var table = Table([
                    .init("COMPONENT"), .init("KIND"), .init("FLAGS"), .init("SUCCEEDED", .right),
                    .init("RATE", .right),
                    .init("TOOK", .right), .init("WHAT IT DOES"),
                ])
                for component in (json["components"]?.array ?? []).map(ComponentView.init(json:)) {
                    table.add([
                        component.name, component.kind, component.flags.joined(separator: ","),
                        component.figures.map { String($0.runs(.succeeded)) }, component.figures?.successRate,
                        component.figures?.typicalTime,
                        component.title.isEmpty ? component.details : component.title,
                    ])
                }
                table.print()
            }
        }
    }

    struct Show: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Everything about one component.")
        @Argument(help: "Component, such as text/wordcount.")
        var component: String
        @OptionGroup var host: HostOptions

        func run() async throws {
            let parts = component.split(separator: "/", omittingEmptySubsequences: false)
            guard parts.count == 2 else {
                throw Failure(
                    .usage, "\"\(component)\" is no component; give plugin and component, such as text/wordcount.")
            }
            let path = parts.map { HostClient.escape(String($0)) }.joined(separator: "/")
            try await host.show({ try await $0.get("/components/\(path)") }) { json in
                var facts = Facts()
                for member in json.members ?? [] where member.name != "figures" {
                    facts.add(member.name, member.value.string ?? member.value.text)
                }
                facts.add(figures: ComponentView(json: json).figures)
                facts.print()
            }
        }
    }
}
