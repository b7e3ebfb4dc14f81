import ArgumentParser
import Foundation
import HostHTTP
import JobModel

struct PluginCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "plugin", abstract: "See plugins, say which may run, make new ones, build and check them.",
        subcommands: [
            List.self, Show.self, Disable.self, Enable.self, Rollback.self, Release.self, Allow.self, New.self,
            Build.self,
            CheckFile.self, BenchFile.self, Header.self,
        ], defaultSubcommand: List.self)

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "List the files in the plugins folder, and why some are not active.",
            discussion:
                "A plugin whose file was removed is not among them unless a job names it; `berth plugin show ID` still knows it."
        )
        @OptionGroup var host: HostOptions

        func run() async throws {
            try await host.show({ try await $0.get("/plugins") }) {
                PluginTable.table(($0["plugins"]?.array ?? []).map(PluginView.init(json:))).print()
            }
        }
    }

    struct Show: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Everything about one plugin.",
            discussion: """
                With a path (./text.so), what the file tells by itself: its manifest and its tables. None of its code runs, \
                and no host is needed.
                """)
        @Argument(help: "Id of the plugin, name of its file in the plugins folder, or path of any plugin file.")
        var name: String
        @OptionGroup var host: HostOptions

        func run() async throws {
            if name.contains("/") { return try PluginFileSheet(path: name).print(json: host.json) }
            try await host.show({ try await $0.get("/plugins/\(HostClient.escape(name))") }) {
                PluginTable.sheet(PluginView(json: $0))
            }
        }
    }

    struct New: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Write a new plugin project.",
            discussion: "Needs no host and no network. Build it with `berth plugin build`.")
        @Argument(help: "Name of the plugin, which becomes its id.")
        var name: String
        @Option(
            help: ArgumentHelp(
                "Language: \(PluginScaffold.languages.joined(separator: ", ")).", valueName: "language"))
        var lang: String
        @Option(
            help: ArgumentHelp(
                "handler (short work), processor (longer work, in steps or parts) or runner (outside work, such as a program); "
                    + "not every language has each.", valueName: "kind"))
        var kind = "handler"
        @Option(help: ArgumentHelp("Folder to write to; the name when not given.", valueName: "dir"))
        var dir: String?
        @Flag(help: "Print JSON instead of text.")
        var json = false

        func run() throws {
            let scaffold = try PluginScaffold(name: name, language: lang, kind: kind)
            let folder = AbsolutePath.of(dir ?? name)
            try scaffold.write(to: folder)
            if json {
                return Terminal.print(["folder": .string(folder), "files": .texts(scaffold.files.map(\.path))])
            }
            for file in scaffold.files { print("\(dir ?? name)/\(file.path)") }
            print("\nnext: berth plugin build \(dir ?? name)")
        }
    }

    struct Build: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Build a plugin project and print the path of its library.",
            discussion: """
                Knows Makefile, Package.swift and Cargo.toml; a plugin.yaml with build: (a shell command) and output: (the \
                file it makes) overrides them, and one with library: describes functions of an existing library, of which it \
                makes a plugin without any code (`berth plugin new --lang ffi` shows how). What the plugin says of itself is \
                then written into the file as its manifest, so that it can be read without running it. Needs no host. \
                With -o into the plugins folder of a running host, the new \
                version is taken up at once.
                """)
        @Argument(help: "Folder of the project.")
        var folder = "."
        @Option(name: [.customShort("o"), .long], help: ArgumentHelp("Put the library here.", valueName: "file"))
        var output: String?
        @Flag(help: "Print JSON instead of text.")
        var json = false

        func run() async throws {
            let folder = AbsolutePath.of(folder)
            var library = try PluginBuild(folder: folder).run(folder: folder)
            try await PluginProbe.stamp(library)
            if let output {
                var isFolder: ObjCBool = false
                let target = AbsolutePath.of(output)
                let isInto =
                    FileManager.default.fileExists(atPath: target, isDirectory: &isFolder) && isFolder.boolValue
                let place = isInto ? "\(target)/\(URL(fileURLWithPath: library).lastPathComponent)" : target
                try PluginBuild.place(library, at: place)
                library = place
            }
            if json { Terminal.print(["library": .string(library)]) } else { print(library) }
        }
    }

    struct Header: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Print berth_plugin.h, all that a plugin in C or any other language needs.")
        @Flag(help: "Print JSON instead of text.")
        var json = false

        func run() {
            guard json else { return Terminal.print(output: PluginScaffold.header) }
            Terminal.print(["header": .string(String(decoding: PluginScaffold.header, as: UTF8.self))])
        }
    }
}
