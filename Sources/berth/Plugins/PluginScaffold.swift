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

    static let languages = Set(templates.map(\.language)).subtracting([""]).sorted()

    /// `name` becomes the plugin's id.
    init(name: String, language: String) throws(Failure) {
        guard Identifier.isID(name) else {
            throw Failure(
                .usage,
                "\"\(name)\" cannot be a plugin's name: it must begin with a lower-case letter, then have at most 62 "
                    + "lower-case letters, digits or \"-\".")
        }
        files = Self.templates.filter { $0.language == language }.map { $0.file.named(name) }
        guard !files.isEmpty else {
            throw Failure(
                .usage, "There is no template for \"\(language)\"; there are \(Self.languages.joined(separator: ", "))."
            )
        }
    }

    /// Fails when there is something in the folder already.
    func write(to folder: String) throws(Failure) {
        let present = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
        guard present.isEmpty else {
            throw Failure(.usage, "\(folder) is not empty; choose another folder with --dir.")
        }
        do {
            for file in files {
                let url = URL(fileURLWithPath: folder).appendingPathComponent(file.path)
                try FileManager.default.createDirectory(
                    at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
                try Data(file.bytes).write(to: url)
                if file.isExecutable { chmod(url.path, 0o755) }
            }
        } catch {
            throw Failure(.unavailable, "\(folder) cannot be written: \(error.localizedDescription)")
        }
    }

    /// `berth_plugin.h` itself.
    static var header: [UInt8] {
        templates.first { $0.language.isEmpty }?.file.bytes ?? []
    }

    private static let templates: [(language: String, file: File)] = {
        var count = 0
        let table = UnsafeBufferPointer(start: berth_templates(&count), count: count)
        return table.map { entry in
            let bytes = UnsafeBufferPointer(start: entry.bytes, count: entry.length)
            return (
                String(cString: entry.language),
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
