import Foundation
import HostHTTP
import JobModel

/// Builds a plugin project by its own means and finds the library it makes.
struct PluginBuild: Equatable {
    /// Program and arguments, run in the project's folder.
    let command: [String]
    /// Folders, from the project's, where libraries may appear.
    let places: [String]
    /// Set where the project names its output.
    var output: String?
    /// Whether the project is a description of a foreign library: then the bridge to it is written into the project first.
    var needsBridge = false

    /// How the project in `folder` wants to be built: `plugin.yaml` beats a Makefile beats the language's own tool.
    init(folder: String) throws(Failure) {
        guard FileManager.default.fileExists(atPath: folder) else {
            throw Failure(
                .usage,
                "There is no folder \(folder). `berth plugin new NAME` makes a project in a folder of that name.")
        }
        func has(_ name: String) -> Bool { FileManager.default.fileExists(atPath: "\(folder)/\(name)") }
        if has("plugin.yaml") {
            self = try PluginBuild(recipe: "\(folder)/plugin.yaml")
        } else if has("Makefile") || has("makefile") {
            self.init(command: ["make"], places: ["", "build", "out"])
        } else if has("Package.swift") {
            self.init(
                command: ["swift", "build", "-c", "release", "--static-swift-stdlib"], places: [".build/release"])
        } else if has("Cargo.toml") {
            self.init(command: ["cargo", "build", "--release", "--offline"], places: ["target/release"])
        } else {
            throw Failure(
                .usage,
                "\(folder) is no plugin project: it has no plugin.yaml, Makefile, Package.swift or Cargo.toml. "
                    + "`berth plugin new` makes a project.")
        }
    }

    private init(command: [String], places: [String], output: String? = nil) {
        self.command = command
        self.places = places
        self.output = output
    }

    /// `build:` is a shell command, `output:` the file it makes. With `library:` it is the description of a foreign library.
    private init(recipe path: String) throws(Failure) {
        let text = TextFile.bytes(path).map { String(decoding: $0, as: UTF8.self) } ?? ""
        do throws(YAMLError) {
            guard let document = try YAMLDocument.read(text).first else {
                throw YAMLError(line: nil, reason: "must say build: and output:")
            }
            if document.json["library"] != nil {
                self.init(describedIn: URL(fileURLWithPath: path).deletingLastPathComponent().path, document.json)
            } else {
                try self.init(recipe: document)
            }
        } catch {
            throw error.failure(file: path)
        }
    }

    /// The bridge reads the description itself, and says what is wrong with it.
    private init(describedIn folder: String, _ description: JSONValue) {
        let output = "\(description["id"]?.string ?? "plugin").so"
        self.init(
            command: ["make", "-s", "-C", Self.bridge, "PROJECT=\(folder)", "OUT=\(folder)/\(output)"], places: [],
            output: output)
        needsBridge = true
    }

    /// In the project's folder.
    private static let bridge = "build/bridge"

    private init(recipe document: YAMLDocument) throws(YAMLError) {
        do {
            var fields = try FieldReader(document.json)
            let build = try fields.required("build", try fields.string("build"))
            let output = try fields.required("output", try fields.string("output"))
            try fields.finish()
            self.init(command: ["/bin/sh", "-c", build], places: [], output: output)
        } catch {
            throw YAMLError(line: document.line(of: error.path), reason: error.description)
        }
    }

    /// Builds and returns the library's path. What the tools print goes to stderr.
    func run(folder: String) throws(Failure) -> String {
        if needsBridge { try PluginScaffold.writeBridge(to: "\(folder)/\(Self.bridge)") }
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = command
        process.currentDirectoryURL = URL(fileURLWithPath: folder)
        process.standardOutput = FileHandle.standardError
        do { try process.run() } catch { throw Failure(.unavailable, "\(command[0]) cannot be started: \(error).") }
        process.waitUntilExit()
        guard process.terminationStatus == 0 else {
            let hint = process.terminationStatus == 127 ? "; \(command[0]) is not installed" : ""
            throw Failure(
                .runFailed,
                "`\(command.joined(separator: " "))` in \(folder) failed with \(process.terminationStatus)\(hint).")
        }
        return try library(in: folder)
    }

    /// The library the build made.
    func library(in folder: String) throws(Failure) -> String {
        if let output {
            let path = output.hasPrefix("/") ? output : "\(folder)/\(output)"
            guard FileManager.default.fileExists(atPath: path) else {
                throw Failure(.runFailed, "The build made no \(path), which plugin.yaml names as its output.")
            }
            return path
        }
        let found = places.flatMap { place -> [String] in
            let path = place.isEmpty ? folder : "\(folder)/\(place)"
            let names = (try? FileManager.default.contentsOfDirectory(atPath: path)) ?? []
            return names.filter { $0.hasSuffix(".so") && !$0.hasPrefix(".") }.sorted().map { "\(path)/\($0)" }
        }
        guard let library = found.first else {
            throw Failure(
                .runFailed, "The build in \(folder) succeeded and made no .so; name it in plugin.yaml (output:).")
        }
        guard found.count == 1 else {
            throw Failure(
                .runFailed,
                "The build in \(folder) made \(found.count) libraries (\(found.joined(separator: ", "))); say which one in "
                    + "plugin.yaml (output:).")
        }
        return library
    }

    /// Copies beside the target and renames: a host that watches the folder never sees half a file.
    static func place(_ library: String, at target: String) throws(Failure) {
        let draft = target + ".part"
        do {
            try FileManager.default.createDirectory(
                at: URL(fileURLWithPath: target).deletingLastPathComponent(), withIntermediateDirectories: true)
            if FileManager.default.fileExists(atPath: draft) { try FileManager.default.removeItem(atPath: draft) }
            try FileManager.default.copyItem(atPath: library, toPath: draft)
        } catch {
            throw Failure(.unavailable, "\(target) cannot be written: \(error.systemWords)")
        }
        guard rename(draft, target) == 0 else {
            throw Failure(.unavailable, "\(target) cannot be written: \(HomeFolder.reason).")
        }
    }
}
