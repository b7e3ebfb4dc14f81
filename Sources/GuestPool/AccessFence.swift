import Glibc

/// What jobs may open to plugins: neither the host's own folder, with its token, its database and its plugins, nor anything
/// that links lead to, since a plugin that may write beside a place could have put a link there. The guest that opens the
/// place does not follow any either.
struct AccessFence {
    /// The home as it was named and without links; empty when there is none.
    let homes: [String]
    private let home: Place?
    /// The home and the folders that hold it.
    private let holders: Set<Place>

    /// `path`: the home of the host; nil when there is none.
    init(home path: String?) {
        let chain = path.map { Self.chain(from: Self.resolved($0)) } ?? []
        homes = path.map { Set([Self.normal($0), Self.resolved($0)]).sorted() } ?? []
        home = chain.first.flatMap { Place($0) }
        holders = Set(chain.compactMap { Place($0) })
    }

    /// Why a plugin may not touch this place; nil when it may. Asks the file system.
    func objection(to path: String) -> String? {
        let resolved = Self.resolved(path)
        guard resolved == Self.normal(path) else {
            return "access: a symbolic link is on the way to \(path); name \(resolved), where it leads to"
        }
        guard let home else { return nil }
        let chain = Self.chain(from: resolved)
        if let place = chain.first.flatMap({ Place($0) }), holders.contains(place) {
            return "access: \(path) is the host's home, or holds it; name what the plugin needs beside it"
        }
        guard chain.contains(where: { Place($0) == home }) else { return nil }
        return "access: \(path) lies in the host's home, which no plugin may touch"
    }

    private struct Place: Hashable {
        let device: UInt64
        let inode: UInt64

        init?(_ path: String) {
            var status = stat()
            guard stat(path, &status) == 0 else { return nil }
            (device, inode) = (UInt64(status.st_dev), UInt64(status.st_ino))
        }
    }

    /// Without empty names and those that mean the folder they are in.
    private static func normal(_ path: String) -> String {
        "/" + path.split(separator: "/").filter { $0 != "." }.joined(separator: "/")
    }

    /// Without links, where it is there.
    private static func resolved(_ path: String) -> String {
        guard let real = realpath(path, nil) else { return normal(path) }
        defer { free(real) }
        return String(cString: real)
    }

    /// The path and all folders above it, from below.
    private static func chain(from path: String) -> [String] {
        var chain = [path]
        while let last = chain.last, last != "/", let slash = last.lastIndex(of: "/") {
            chain.append(slash == last.startIndex ? "/" : String(last[..<slash]))
        }
        return chain
    }
}
