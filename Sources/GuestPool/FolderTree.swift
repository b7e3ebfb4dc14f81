import Glibc

/// Removes folders whose contents somebody else chose: no symbolic link is followed, no depth overruns a stack.
enum FolderTree {
    private static let depthLimit = 100

    static func remove(_ path: String) {
        let folder = Glibc.open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
        if folder >= 0 {
            var budget = Int.max
            // Each round flattens what was too deep for the one before, and finds what came in between.
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

    /// All of a folder that no plugin can fill.
    static func names(in path: String) -> [String] {
        let folder = Glibc.open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard folder >= 0 else { return [] }
        defer { close(folder) }
        return (FolderNames(of: folder)?.next(.max) ?? []).map { name in
            String(decoding: name.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
        }
    }

    private static func removeContents(of folder: Int32, top: Int32, depth: Int, budget: inout Int) -> Bool {
        guard let names = FolderNames(of: folder) else { return false }
        var isEmpty = true
        while budget > 0 {
            let next = names.next(min(budget, FolderNames.atOnce))
            if next.isEmpty { return isEmpty }
            budget -= next.count
            for name in next where unlinkat(folder, name, 0) != 0 {
                if !removeFolder(name, in: folder, top: top, depth: depth, budget: &budget) { isEmpty = false }
            }
        }
        return false
    }

    private static func removeFolder(
        _ name: [CChar], in folder: Int32, top: Int32, depth: Int, budget: inout Int
    ) -> Bool {
        guard depth < depthLimit else {
            // Moved up to be removed in the next round.
            _ = renameat(folder, name, top, "deep-\(budget)")
            return false
        }
        let inner = open(name, in: folder)
        guard inner >= 0 else { return false }
        let isEmpty = removeContents(of: inner, top: top, depth: depth + 1, budget: &budget)
        close(inner)
        return isEmpty && unlinkat(folder, name, Int32(AT_REMOVEDIR)) == 0
    }

    /// A folder in a folder, also when it is closed to its owner; negative when there is none of that name.
    static func open(_ name: [CChar], in folder: Int32) -> Int32 {
        let inner = openat(folder, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
        guard inner < 0, errno == EACCES else { return inner }
        unlock(name, in: folder)
        return openat(folder, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
    }

    /// Gives its owner access to a folder, by a descriptor: the name may be a symbolic link by now, for its plugin lives.
    private static func unlock(_ name: [CChar], in folder: Int32) {
        let place = openat(folder, name, 0o10000000 /* O_PATH */ | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
        guard place >= 0 else { return }
        chmod("/proc/self/fd/\(place)", 0o700)
        close(place)
    }
}
