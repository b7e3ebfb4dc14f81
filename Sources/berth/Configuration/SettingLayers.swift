import Foundation
import GuestPool
import HostHTTP
import JobModel

/// Settings as written, from the strongest layer to the weakest: flags, environment, file. What none of them says has
/// its default.
struct SettingLayers {
    /// A value and who said it.
    struct Entry {
        var value: JSONValue
        var origin: String
        /// The document of a file, for the lines within the value.
        var document: YAMLDocument?

        var isInFile: Bool { document != nil }
    }

    private(set) var entries: [SettingKey: Entry] = [:]
    /// What the file says about single plugins, by id.
    private(set) var plugins: [String: PluginSettings] = [:]
    /// The file that settings are read from, whether it is there or not.
    let file: String

    /// `file` names a configuration file that must exist; without it `berth.yaml` in the home folder is read if there is
    /// one.
    init(flags: [SettingKey: String], environment: [String: String], file: String?) throws(Failure) {
        var entries: [SettingKey: Entry] = [:]
        for (key, value) in flags { entries[key] = Entry(value: .string(value), origin: key.flag ?? key.rawValue) }
        for key in SettingKey.allCases where entries[key] == nil {
            guard let name = key.environment, let value = environment[name], !value.isEmpty else { continue }
            entries[key] = Entry(value: .string(value), origin: name)
        }
        self.entries = entries
        let path = if let file { file } else { try Self.home(entries, environment, folder: "") + "/berth.yaml" }
        self.file = path
        guard let data = TextFile.bytes(path) else {
            let obstacle = TextFile.obstacle(path)
            // Without settings that are there the host would take orders that they forbid.
            guard file == nil, obstacle == nil else {
                let reason = obstacle ?? String(cString: strerror(ENOENT))
                throw Failure(.usage, "The configuration file \(path) cannot be read: \(reason).")
            }
            return
        }
        try add(file: String(decoding: data, as: UTF8.self), path: path, environment)
    }

    private mutating func add(
        file text: String, path: String, _ environment: [String: String]
    ) throws(Failure) {
        do {
            for document in try YAMLDocument.read(text) {
                guard let members = document.json.members else {
                    if document.json == .null { continue }
                    throw YAMLError(line: 1, reason: "must hold settings, such as \"listen: none\"")
                }
                for member in members {
                    if member.name == "plugins", member.value.members != nil {
                        try addPlugins(member.value, document, environment)
                    } else {
                        try add(member, path: path, document)
                    }
                }
            }
        } catch let error as YAMLError {
            throw error.failure(file: path)
        } catch {
            throw Failure(.usage, "\(path): \(error)")
        }
    }

    /// Under `plugins` stands the folder, or what is to hold for single plugins.
    private mutating func addPlugins(
        _ json: JSONValue, _ document: YAMLDocument, _ environment: [String: String]
    ) throws(YAMLError) {
        do {
            let standard = (entries[.sandbox]?.value ?? document.json["sandbox"]).flatMap {
                try? SandboxRules($0, path: "sandbox")  // a mistake in it is told where it stands
            }
            plugins = try PluginSettings.all(json, sandbox: standard ?? .standard, in: surroundings(environment))
        } catch {
            throw YAMLError(line: document.line(of: error.path), reason: error.description)
        }
    }

    private mutating func add(_ member: JSONMember, path: String, _ document: YAMLDocument) throws(YAMLError) {
        let line = document.line(of: member.name)
        guard let key = SettingKey(rawValue: member.name) else {
            let hint = Spelling.hint(for: member.name, among: SettingKey.allCases.map(\.rawValue))
            throw YAMLError(line: line, reason: "there is no setting \"\(member.name)\"; \(hint)")
        }
        guard entries[key] == nil, member.value != .null else { return }
        entries[key] = Entry(
            value: member.value, origin: line.map { "\(path):\($0)" } ?? path, document: document)
    }

    /// The home folder as flags, environment or default have it.
    func home(_ environment: [String: String]) throws(Failure) -> String {
        try Self.home(entries, environment, folder: folder)
    }

    /// The file's, from which relative paths in it count.
    private var folder: String { URL(fileURLWithPath: AbsolutePath.of(file)).deletingLastPathComponent().path }

    /// What the file's words are read against.
    func surroundings(_ environment: [String: String]) -> Surroundings {
        Surroundings(environment: environment, folder: folder)
    }

    /// Where a path leads that a layer names.
    func path(_ text: String, of key: SettingKey) -> String {
        entries[key]?.isInFile == true ? AbsolutePath.of(text, from: folder) : AbsolutePath.of(text)
    }

    private static func home(
        _ entries: [SettingKey: Entry], _ environment: [String: String], folder: String
    ) throws(Failure) -> String {
        if let entry = entries[.home], let text = entry.value.string {
            return entry.isInFile ? AbsolutePath.of(text, from: folder) : AbsolutePath.of(text)
        }
        if geteuid() == 0 { return "/var/lib/berth" }
        guard let user = environment["HOME"], !user.isEmpty else {
            throw Failure(.usage, "Neither BERTH_HOME nor HOME is set; say where the home folder is with --home.")
        }
        return user + "/.local/share/berth"
    }
}

enum AbsolutePath {
    /// A path as the shell would find it from here, with `~` for the user's own folder.
    static func of(_ path: String) -> String {
        let expanded = path == "~" || path.hasPrefix("~/") ? NSHomeDirectory() + path.dropFirst() : path
        return URL(fileURLWithPath: expanded).standardizedFileURL.path
    }

    /// The same, from a folder.
    static func of(_ path: String, from folder: String) -> String {
        path.hasPrefix("/") || path == "~" || path.hasPrefix("~/") ? of(path) : of("\(folder)/\(path)")
    }
}
