import Foundation

/// What a running host holds of its machine, read from /proc.
struct HostHealth {
    var descriptors: Int
    /// Bytes of its own.
    var memory: Int
    /// Guests that live.
    var guests: Int
    var zombies: Int
    /// Processes of this home that are not below the host.
    var orphans: Int
    var scratchFolders: Int

    init(of host: RunningHost) {
        let processes = Self.processes()
        descriptors = Self.names("/proc/\(host.pid)/fd").count
        memory = Self.number("RssAnon:", in: "/proc/\(host.pid)/status") << 10
        let children = processes.filter { $0.parent == host.pid }
        zombies = children.count { $0.state == "Z" }
        let family = Self.family(of: host.pid, processes)
        guests = children.count { $0.name == "berth-guest" && $0.state != "Z" }
        orphans = processes.count { !family.contains($0.id) && Self.belongs($0.id, to: host.home.path) }
        scratchFolders = Self.names(host.home.appendingPathComponent("scratch").path).count
    }

    /// Processes whose environment names a folder of this home. The host itself has none.
    static func leftovers(of home: URL) -> Int {
        processes().count { belongs($0.id, to: home.path) }
    }

    private struct Seen {
        var id: Int32
        var name: String
        var state: String
        var parent: Int32
    }

    private static func family(of host: Int32, _ processes: [Seen]) -> Set<Int32> {
        var family: Set<Int32> = [host]
        var grows = true
        while grows {
            let more = processes.filter { family.contains($0.parent) && !family.contains($0.id) }
            family.formUnion(more.map(\.id))
            grows = !more.isEmpty
        }
        return family
    }

    private static func processes() -> [Seen] {
        names("/proc").compactMap { Int32($0) }.compactMap { id in
            guard let stat = text("/proc/\(id)/stat"), let open = stat.firstIndex(of: "("),
                let close = stat.lastIndex(of: ")")
            else { return nil }
            let rest = stat[stat.index(after: close)...].split(separator: " ")
            guard rest.count > 1, let parent = Int32(rest[1]) else { return nil }
            let name = String(stat[stat.index(after: open)..<close])
            return Seen(id: id, name: name, state: String(rest[0]), parent: parent)
        }
    }

    private static func belongs(_ process: Int32, to home: String) -> Bool {
        text("/proc/\(process)/environ")?.contains("HOME=\(home)/scratch/") == true
    }

    private static func number(_ field: String, in file: String) -> Int {
        let line = text(file)?.split(separator: "\n").first { $0.hasPrefix(field) }
        return line.flatMap { Int($0.filter(\.isNumber)) } ?? 0
    }

    private static func names(_ folder: String) -> [String] {
        (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
    }

    private static func text(_ file: String) -> String? {
        FileManager.default.contents(atPath: file).map { String(decoding: $0, as: UTF8.self) }
    }
}
