import ArgumentParser
import HostHTTP
import JobModel

struct ConfigCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "config", abstract: "See and check the host's settings.",
        discussion:
            "Flags beat BERTH_… in the environment, which beat berth.yaml in the home folder, which beats defaults.",
        subcommands: [Show.self, Check.self], defaultSubcommand: Show.self)

    struct Sources: ParsableArguments {
        @Option(help: ArgumentHelp("Home folder (BERTH_HOME).", valueName: "dir"))
        var home: String?
        @Option(help: ArgumentHelp("Configuration file instead of berth.yaml in the home folder.", valueName: "file"))
        var config: String?
        @Flag(help: "Print JSON instead of a table.")
        var json = false

        func settings() throws(Failure) -> Settings {
            try Settings(flags: home.map { [.home: $0] } ?? [:], file: config)
        }
    }

    struct Show: ParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Every setting, its value, and who said so.")
        @OptionGroup var sources: Sources
        @Flag(help: "Show what each setting means and what it is when nobody says otherwise.")
        var defaults = false

        func run() throws {
            if defaults { return SettingTable.printDefaults(asJSON: sources.json) }
            try SettingTable.print(try sources.settings(), asJSON: sources.json)
        }
    }

    struct Check: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Say whether the settings make sense.")
        @OptionGroup var sources: Sources
        @Flag(help: "Also see whether this machine can give all of every sandbox.")
        var requireSandbox = false

        func run() async throws {
            let settings = try sources.settings()
            if requireSandbox || settings.requiresSandbox {
                try await LonePool.with { pool throws(Failure) in try await SandboxTrial(settings: settings).check(pool)
                }
            }
            try settings.scheduler.check(file: settings.layers.file)
            if sources.json { Terminal.print(["ok": true]) } else { print("the settings are fine") }
        }
    }
}

enum SettingTable {
    static func print(_ settings: Settings, asJSON: Bool) throws {
        if asJSON {
            return Terminal.print(
                .object(
                    SettingKey.allCases.map {
                        JSONMember(
                            $0.rawValue,
                            ["value": .string(settings.text($0)), "origin": .string(settings.origin($0))])
                    }))
        }
        var table = Table([.init("SETTING"), .init("VALUE"), .init("FROM")])
        for key in SettingKey.allCases { table.add([key.rawValue, settings.text(key), settings.origin(key)]) }
        table.print()
    }

    private static func print(_ table: KeyValuePairs<String, String>, of what: String) {
        Swift.print("\n\(what)")
        var facts = Facts()
        for (name, value) in table { facts.add(name, value) }
        facts.print()
    }

    static func printDefaults(asJSON: Bool) {
        if asJSON {
            let settings = SettingKey.allCases.map { key in
                JSONMember(
                    key.rawValue,
                    .object(present: [
                        "default": .string(key.defaultText), "flag": key.flag.map(JSONValue.string),
                        "environment": key.environment.map(JSONValue.string), "meaning": .string(key.meaning),
                    ]))
            }
            let runs = RunDefaults.table.map { JSONMember($0.key, .string($0.value)) }
            let guests = GuestDefaults.table.map { JSONMember($0.key, .string($0.value)) }
            return Terminal.print([
                "settings": .object(settings), "runs": .object(runs), "plugins": .object(guests),
            ])
        }
        var table = Table([
            .init("SETTING"), .init("DEFAULT"), .init("FLAG"), .init("ENVIRONMENT"), .init("MEANING"),
        ])
        for key in SettingKey.allCases {
            table.add([key.rawValue, key.defaultText, key.flag, key.environment, key.meaning])
        }
        table.print()
        print(RunDefaults.table, of: "runs and jobs, unless they say otherwise")
        print(GuestDefaults.table, of: "guests of a plugin, unless its entry in plugins says otherwise")
    }
}
