import Glibc

/// What lies in a folder whose contents somebody else chose, counted no further than to the bounds.
struct FolderSize: Sendable {
    private(set) var bytes: UInt64 = 0
    private(set) var entries = 0
    /// Folders in each other.
    private(set) var depth = 0
    private let bounds: Bounds
    /// Files that may be met again: with other names, or without one.
    private var seen: Set<UInt> = []

    struct Bounds: Sendable {
        var bytes: UInt64
        var entries = 65_536
        var depth = 100
    }

    init(of folder: Int32, upTo bounds: Bounds) {
        self.bounds = bounds
        add(contentsOf: folder, depth: 0)
    }

    /// The bound that is passed.
    var hit: LimitHit? {
        if bytes > bounds.bytes { return .scratch(bounds.bytes) }
        if entries > bounds.entries { return LimitHit(name: "scratch", value: "\(bounds.entries) files") }
        return depth > bounds.depth ? LimitHit(name: "scratch", value: "\(bounds.depth) folders in each other") : nil
    }

    private mutating func add(contentsOf folder: Int32, depth: Int) {
        self.depth = max(self.depth, depth)
        guard hit == nil, let names = FolderNames(of: folder) else { return }
        while true {
            let next = names.next()
            guard !next.isEmpty else { return }
            for name in next {
                add(name, in: folder, depth: depth)
                if hit != nil { return }
            }
        }
    }

    private mutating func add(_ name: [CChar], in folder: Int32, depth: Int) {
        var status = stat()
        guard fstatat(folder, name, &status, AT_SYMLINK_NOFOLLOW) == 0 else { return }
        entries += 1
        let isFolder = status.st_mode & S_IFMT == S_IFDIR
        if isFolder || status.st_nlink < 2 || isNew(status) { bytes += Self.bytes(status) }
        guard isFolder else { return }
        let inner = FolderTree.open(name, in: folder)
        guard inner >= 0 else { return }
        add(contentsOf: inner, depth: depth + 1)
        close(inner)
    }

    /// Files without a name on the file system of a folder that a process, or one below it, has open or mapped; of both no
    /// more than the bound of entries is looked at. Which are open is told to the host where it may look into its guests:
    /// as root, and where they are in a user namespace; which are mapped, as root only.
    mutating func addNameless(heldBelow process: Int32, besides folder: Int32) {
        var home = stat()
        guard fstat(folder, &home) == 0 else { return }
        let processes = ProcessFacts.family(of: process, most: bounds.entries)
        for links in ["fd", "map_files"] {
            var left = bounds.entries
            for process in processes where left > 0 {
                let names = FolderTree.names(in: "/proc/\(process)/\(links)").prefix(left)
                left -= names.count
                for name in names { add(nameless: "/proc/\(process)/\(links)/\(name)", on: home.st_dev) }
            }
        }
    }

    private mutating func add(nameless link: String, on device: dev_t) {
        var status = stat()
        guard stat(link, &status) == 0, status.st_mode & S_IFMT == S_IFREG, status.st_nlink == 0,
            status.st_dev == device, isNew(status)
        else { return }
        bytes += Self.bytes(status)
    }

    private mutating func isNew(_ status: stat) -> Bool { seen.insert(UInt(status.st_ino)).inserted }

    /// On the disk.
    private static func bytes(_ status: stat) -> UInt64 { UInt64(max(0, status.st_blocks)) * 512 }
}
