/// A control group that this process is in: of version 2, or of version 1's hierarchies for memory and for threads.
struct ControlGroupPlace: Hashable, Sendable {
    enum Version: String, Hashable, Sendable {
        case one = "v1"
        case two = "v2"
    }

    let version: Version
    let folder: String
    /// Version 1 counts threads in a hierarchy of their own: the group there.
    var threads: String?

    /// Those of a process that can be seen as folders, version 2 first. `groups` is `/proc/self/cgroup` and `mounts`
    /// `/proc/self/mountinfo`.
    static func all(groups: String, mounts: String) -> [ControlGroupPlace] {
        let mounts = mounts.split(separator: "\n").compactMap { Mount($0) }
        func folder(of controller: String) -> String? {
            guard let path = path(of: controller, in: groups) else { return nil }
            return mounts.lazy.filter { $0.controllers.contains(controller) }.compactMap { $0.folder(of: path) }.first
        }
        let two = folder(of: unified).map { ControlGroupPlace(version: .two, folder: $0) }
        let one = folder(of: "memory").map {
            ControlGroupPlace(version: .one, folder: $0, threads: folder(of: "pids"))
        }
        return [two, one].compactMap { $0 }
    }

    /// Version 2 has one hierarchy for all controllers, and none has its name.
    private static let unified = ""

    /// Lines such as `0::/user.slice` and `4:memory:/user.slice`.
    private static func path(of controller: String, in groups: String) -> String? {
        for line in groups.split(separator: "\n") {
            let fields = line.split(separator: ":", maxSplits: 2, omittingEmptySubsequences: false)
            guard fields.count == 3, controller != unified || fields[0] == "0" else { continue }
            if fields[1].split(separator: ",", omittingEmptySubsequences: false).contains(Substring(controller)) {
                return String(fields[2])
            }
        }
        return nil
    }

    /// Where a hierarchy is mounted, and which of its groups is on top there.
    private struct Mount {
        let controllers: [String]
        let top: String
        let point: String

        /// A line of mountinfo: number, parent, device, top, point, options, and behind a dash type, source, options.
        init?(_ line: Substring) {
            let fields = line.split(separator: " ")
            guard let dash = fields.firstIndex(of: "-"), dash >= 6, fields.count > dash + 3 else { return nil }
            switch fields[dash + 1] {
            case "cgroup2": controllers = [unified]
            case "cgroup": controllers = fields[dash + 3].split(separator: ",").map { String($0) }
            default: return nil
            }
            (top, point) = (Self.plain(fields[3]), Self.plain(fields[4]))
        }

        /// Nil when the group is not below what is mounted.
        func folder(of path: String) -> String? {
            if path == top { return point }
            let start = top == "/" ? "/" : top + "/"
            guard path.hasPrefix(start), !path.hasPrefix("/..") else { return nil }
            return (point == "/" ? "" : point) + "/" + path.dropFirst(start.count)
        }

        /// Spaces and the like are three octal digits behind a backslash.
        private static func plain(_ text: Substring) -> String {
            let parts = text.split(separator: "\\", omittingEmptySubsequences: false)
            return parts.dropFirst().reduce(String(parts.first ?? "")) { text, part in
                guard let byte = UInt8(part.prefix(3), radix: 8) else { return text + "\\" + part }
                return text + String(Unicode.Scalar(byte)) + part.dropFirst(3)
            }
        }
    }
}
