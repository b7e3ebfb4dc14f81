import CPluginTemplate
import Foundation
import JobModel

/// A new plugin project, written out of the templates that travel inside this program.
struct PluginScaffold {
    struct File: Hashable {
        var path: String
        var bytes: [UInt8]
        var isExecutable: Bool
    }

    let files: [File]

    /// A language has a folder of its own, which is a project with a handler; another kind has a folder of the files in
    /// which it differs, named `language-kind`.
    static let languages = folders.filter { !$0.contains("-") }

    static let kinds = ["handler", "processor", "runner"]

    /// `name` becomes the plugin's id.
    init(name: String, language: String, kind: String = "handler") throws(Failure) {
        guard Identifier.isID(name) else {
            throw Failure(
                .usage,
                "\"\(name)\" cannot be a plugin's name: it must begin with a lower-case letter, then have at most 62 "
                    + "lower-case letters, digits or \"-\".")
        }
        guard Self.languages.contains(language) else {
            throw Failure(
                .usage, "There is no template for \"\(language)\"; there are \(Self.languages.joined(separator: ", "))."
            )
        }
        let overlay = try Self.overlay(language, kind)
        let replaced = Set(overlay.map(\.path))
        files = (Self.files(of: language).filter { !replaced.contains($0.path) } + overlay).map { $0.named(name) }
            .sorted { $0.path < $1.path }
    }

    /// What a project of that kind has instead of the handler's files.
    private static func overlay(_ language: String, _ kind: String) throws(Failure) -> [File] {
        guard kind != "handler" else { return [] }
        let files = files(of: "\(language)-\(kind)")
        guard files.isEmpty else { return files }
        guard kinds.contains(kind) else {
            throw Failure(.usage, "\"\(kind)\" is no kind; there are \(kinds.joined(separator: ", ")).")
        }
        let others = languages.filter { folders.contains("\($0)-\(kind)") }
        throw Failure(
            .usage,
            "There is no \(kind) template for \(language); there is one for \(others.joined(separator: " and ")).")
    }

    /// Fails when there is something in the folder already.
    func write(to folder: String) throws(Failure) {
        let present = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
        guard present.isEmpty else {
            throw Failure(.usage, "\(folder) is not empty; choose another folder with --dir.")
        }
        try Self.write(files, to: folder)
    }

    /// What makes a plugin of a description. Files that are there already stay, so that nothing is built twice.
    static func writeBridge(to folder: String) throws(Failure) {
        let files = files(of: "ffi-bridge")
        try write(files.filter { TextFile.bytes("\(folder)/\($0.path)").map(Array.init) != $0.bytes }, to: folder)
    }

    private static func write(_ files: [File], to folder: String) throws(Failure) {
        do {
            for file in files {
                let url = URL(fileURLWithPath: folder).appendingPathComponent(file.path)
                try FileManager.default.createDirectory(
                    at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
                try Data(file.bytes).write(to: url)
                if file.isExecutable { chmod(url.path, 0o755) }
            }
        } catch {
            throw Failure(.unavailable, "\(folder) cannot be written: \(error.systemWords)")
        }
    }

    /// `berth_plugin.h` itself.
    static var header: [UInt8] {
        files(of: "").first?.bytes ?? []
    }

    private static func files(of folder: String) -> [File] {
        templates.filter { $0.folder == folder }.map(\.file)
    }

    private static let folders = Set(templates.map(\.folder)).subtracting([""]).sorted()

    private static let templates: [(folder: String, file: File)] = {
        var count = 0
        let table = UnsafeBufferPointer(start: berth_templates(&count), count: count)
        return table.map { entry in
            let bytes = UnsafeBufferPointer(start: entry.bytes, count: entry.length)
            return (
                String(cString: entry.folder),
                File(path: String(cString: entry.path), bytes: Array(bytes), isExecutable: entry.executable != 0)
            )
        }
    }()
}

extension PluginScaffold.File {
    /// The file with the placeholders replaced, in its path and in its text.
    fileprivate func named(_ name: String) -> PluginScaffold.File {
        func replaced(_ text: String) -> String {
            text.replacingOccurrences(of: "plugin-name", with: name)
                .replacingOccurrences(of: "PluginName", with: Self.typeName(name))
        }
        var file = self
        file.path = replaced(path)
        if let text = String(validating: bytes, as: UTF8.self) { file.bytes = Array(replaced(text).utf8) }
        return file
    }

    /// `my-plugin` → `MyPlugin`.
    private static func typeName(_ name: String) -> String {
        name.split(separator: "-").map { $0.prefix(1).uppercased() + $0.dropFirst() }.joined()
    }
}
