/// A control group that this process is in: of version 2, or of version 1's hierarchy for memory.
struct ControlGroupPlace: Hashable, Sendable {
    enum Version: String, Hashable, Sendable {
        case one = "v1"
        case two = "v2"
    }

    let version: Version
    let folder: String

    /// Those of a process that can be seen as folders, version 2 first. `groups` is `/proc/self/cgroup` and `mounts`
    /// `/proc/self/mountinfo`.
    static func all(groups: String, mounts: String) -> [ControlGroupPlace] {
        let mounts = mounts.split(separator: "\n").compactMap { Mount($0) }
        return paths(groups).sorted { $0.version.rawValue > $1.version.rawValue }.compactMap { version, path in
            let folder = mounts.lazy.filter { $0.version == version }.compactMap { $0.folder(of: path) }.first
            return folder.map { ControlGroupPlace(version: version, folder: $0) }
        }
    }

    /// Lines such as `0::/user.slice` and `4:memory:/user.slice`.
    private static func paths(_ groups: String) -> [(version: Version, path: String)] {
        groups.split(separator: "\n").compactMap { line in
            let fields = line.split(separator: ":", maxSplits: 2, omittingEmptySubsequences: false)
            guard fields.count == 3 else { return nil }
            if fields[0] == "0", fields[1].isEmpty { return (.two, String(fields[2])) }
            return fields[1].split(separator: ",").contains("memory") ? (.one, String(fields[2])) : nil
        }
    }

    /// Where a hierarchy is mounted, and which of its groups is on top there.
    private struct Mount {
        let version: Version
        let top: String
        let point: String

        /// A line of mountinfo: number, parent, device, top, point, options, and behind a dash type, source, options.
        init?(_ line: Substring) {
            let fields = line.split(separator: " ")
            guard let dash = fields.firstIndex(of: "-"), dash >= 6, fields.count > dash + 3 else { return nil }
            switch fields[dash + 1] {
            case "cgroup2": version = .two
            case "cgroup" where fields[dash + 3].split(separator: ",").contains("memory"): version = .one
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
