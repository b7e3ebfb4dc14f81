import BerthPlugin
import Glibc

/// The files at or below a path.
struct Folder {
    struct File {
        /// Below the folder; of a single file, its name.
        let name: String
        let path: String
        let bytes: UInt64
    }

    let files: [File]

    var bytes: UInt64 { files.reduce(0) { $0 + $1.bytes } }

    /// Files, and links to files; links to folders are not followed. Throws when anything cannot be read: a list with
    /// holes would be worse than none.
    init(_ path: String, _ context: Context) throws {
        var found: [File] = []
        let facts = try Folder.facts(of: path, following: true)
        if facts.isFile {
            let name = path.split(separator: "/").last.map(String.init) ?? path
            found = [File(name: name, path: path, bytes: facts.bytes)]
        } else {
            try Folder.walk(path, below: "", into: &found, context)
        }
        files = found
    }

    private static func walk(_ path: String, below: String, into found: inout [File], _ context: Context) throws {
        for name in try names(in: path) {
            try context.checkCancellation()
            let inner = path.hasSuffix("/") ? path + name : path + "/" + name
            let own = try facts(of: inner, following: false)
            if own.isFolder {
                try walk(inner, below: below + name + "/", into: &found, context)
            } else if let target = own.isLink ? try? facts(of: inner, following: true) : own, target.isFile {
                found.append(File(name: below + name, path: inner, bytes: target.bytes))
            }
        }
    }

    /// In order, without "." and "..".
    private static func names(in path: String) throws -> [String] {
        guard let stream = opendir(path) else { throw cannotRead(path) }
        defer { closedir(stream) }
        var names: [String] = []
        while let entry = readdir(stream) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) { tuple in
                tuple.withMemoryRebound(to: CChar.self, capacity: 256) { String(validatingCString: $0) }
            }
            guard let name else {
                throw PluginFailure.input("a name in \(path) is not UTF-8: rename it")
            }
            if name != "." && name != ".." { names.append(name) }
        }
        return names.sorted()
    }

    private struct Facts {
        let kind: mode_t
        let bytes: UInt64
        var isFile: Bool { kind == S_IFREG }
        var isFolder: Bool { kind == S_IFDIR }
        var isLink: Bool { kind == S_IFLNK }
    }

    private static func facts(of path: String, following: Bool) throws -> Facts {
        var facts = stat()
        guard (following ? stat(path, &facts) : lstat(path, &facts)) == 0 else { throw cannotRead(path) }
        return Facts(kind: facts.st_mode & S_IFMT, bytes: UInt64(max(0, facts.st_size)))
    }
}

/// The failure for what errno says.
func cannotRead(_ path: String) -> PluginFailure {
    let error = errno
    let grant = error == EACCES || error == EPERM ? "; grant it with --read \(path) or access.read" : ""
    return .input("cannot read \(path): \(String(cString: strerror(error)))\(grant)")
}

/// Hands out a file's bytes in blocks.
func readBlocks(of path: String, _ body: (UnsafeRawBufferPointer) throws -> Void) throws {
    let file = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY)
    guard file >= 0 else { throw cannotRead(path) }
    defer { close(file) }
    try withUnsafeTemporaryAllocation(byteCount: 1 << 18, alignment: 16) { block in
        while true {
            let length = read(file, block.baseAddress, block.count)
            guard length >= 0 else { throw cannotRead(path) }
            guard length > 0 else { return }
            try body(UnsafeRawBufferPointer(rebasing: block[..<length]))
        }
    }
}
