import Glibc

/// Removes folders whose contents somebody else chose: no symbolic link is followed, no depth overruns a stack.
enum FolderTree {
    private static let depthLimit = 100

    static func remove(_ path: String) {
        let folder = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
        if folder >= 0 {
            var budget = Int.max
            // Each round flattens what was too deep for the one before.
            var rounds = 0
            while !removeContents(of: folder, budget: &budget), rounds < 1000 { rounds += 1 }
            close(folder)
        }
        rmdir(path)
    }

    /// False when something is left, because the budget of entries was used up or an entry could not be removed.
    static func removeContents(of folder: Int32, budget: inout Int) -> Bool {
        removeContents(of: folder, top: folder, depth: 0, budget: &budget)
    }

    static func names(in path: String) -> [String] {
        let folder = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard folder >= 0 else { return [] }
        defer { close(folder) }
        var budget = Int.max
        return names(of: folder, budget: &budget).map { String(decoding: $0.dropLast(), as: UTF8.self) }
    }

    private static func removeContents(of folder: Int32, top: Int32, depth: Int, budget: inout Int) -> Bool {
        var isEmpty = true
        for name in names(of: folder, budget: &budget) {
            let path = name.map { CChar(bitPattern: $0) }
            if unlinkat(folder, path, 0) == 0 { continue }
            if !removeFolder(path, in: folder, top: top, depth: depth, budget: &budget) { isEmpty = false }
        }
        return isEmpty && budget > 0
    }

    private static func removeFolder(
        _ name: [CChar], in folder: Int32, top: Int32, depth: Int, budget: inout Int
    ) -> Bool {
        guard depth < depthLimit else {
            // Moved up to be removed in the next round.
            _ = renameat(folder, name, top, "deep-\(budget)")
            return false
        }
        var inner = openat(folder, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
        if inner < 0, errno == EACCES {
            unlock(name, in: folder)
            inner = openat(folder, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
        }
        guard inner >= 0 else { return false }
        let isEmpty = removeContents(of: inner, top: top, depth: depth + 1, budget: &budget)
        close(inner)
        return isEmpty && unlinkat(folder, name, Int32(AT_REMOVEDIR)) == 0
    }

    /// Gives its owner access to a folder, by a descriptor: the name may be a symbolic link by now, for its plugin lives.
    private static func unlock(_ name: [CChar], in folder: Int32) {
        let place = openat(folder, name, 0o10000000 /* O_PATH */ | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
        guard place >= 0 else { return }
        chmod("/proc/self/fd/\(place)", 0o700)
        close(place)
    }

    /// Names with their terminating NUL, at most as many as the budget has.
    private static func names(of folder: Int32, budget: inout Int) -> [[UInt8]] {
        guard let stream = fdopendir(openat(folder, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC)) else { return [] }
        defer { closedir(stream) }
        var names: [[UInt8]] = []
        while budget > 0, let entry = readdir(stream) {
            let name = withUnsafeBytes(of: &entry.pointee.d_name) { Array($0.prefix { $0 != 0 }) }
            guard name != [UInt8(ascii: ".")], name != Array("..".utf8) else { continue }
            names.append(name + [0])
            budget -= 1
        }
        return names
    }
}
