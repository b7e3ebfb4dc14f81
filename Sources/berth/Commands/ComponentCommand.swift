import ArgumentParser
import HostHTTP
import JobModel
import NIOHTTP1

struct ComponentCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "component", abstract: "See what can be run.", subcommands: [List.self, Show.self, Limit.self],
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

extension ComponentCommand {
    struct Limit: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Say how many attempts of a component may run at once, in all queues together.",
            discussion: "Without a component, lists the limits there are. A limit stays over restarts.")
        @Argument(help: "Component, such as text/wordcount.")
        var component: String?
        @Argument(help: ArgumentHelp("Attempts at once, or none.", valueName: "n|none"))
        var count: String?
        @OptionGroup var host: HostOptions

        func run() async throws {
            guard let component else { return try await list() }
            guard let count else { throw Failure(.usage, "Give a number after the component, or none.") }
            guard ComponentName(component) != nil else {
                throw Failure(.usage, "\"\(component)\" is no component; its name is plugin/component.")
            }
            let path = component.split(separator: "/", omittingEmptySubsequences: false).map {
                HostClient.escape(String($0))
            }.joined(separator: "/")
            let body: JSONValue = ["at_once": Int(count).map { .number($0) } ?? .string(count)]
            try await host.show({ try await $0.send(.PUT, "/components/\(path)", body: body) }) { json in
                print("\(component): \(json["at_once"]?.integer.map { "\($0) at once" } ?? "no limit")")
                if let warning = json["warning"]?.string {
                    Terminal.printError("warning: \(Terminal.plain(warning))")
                }
            }
        }

        private func list() async throws {
            try await host.show({ try await $0.get("/limits") }) { json in
                var table = Table([.init("COMPONENT"), .init("AT ONCE", .right), .init("WHY")])
                for limit in json["limits"]?.array ?? [] {
                    table.add([limit["component"]?.string, limit["at_once"]?.text, limit["warning"]?.string])
                }
                table.print()
            }
        }
    }
}
