import Foundation
import Glibc
import Synchronization

/// The shared libraries a guest's loader can find on this machine. What was found is remembered: a thousand plugins ask
/// for the same three libraries. A library that was not found is looked for again each time.
final class InstalledLibraries: Sendable {
    private struct Memory {
        var paths: [String: String] = [:]
        var offers: [String: (stamp: FileStamp, offer: LibraryOffer?)] = [:]
        /// What reading them took, which is about what they take in memory.
        var steps = 0

        mutating func remember(_ offer: LibraryOffer?, at path: String, _ stamp: FileStamp, steps cost: Int) {
            if steps + cost > ElfBudget.libraries { (offers, steps) = ([:], 0) }
            offers[path] = (stamp, offer)
            steps += cost
        }
    }

    private let folders: [String]
    private let cache: String
    private let memory = Mutex(Memory())

    init(
        folders: [String] = [
            "/lib/\(ElfMachine.multiarch)", "/usr/lib/\(ElfMachine.multiarch)", "/lib64", "/usr/lib64", "/lib",
            "/usr/lib",
        ], cache: String = "/etc/ld.so.cache"
    ) {
        self.folders = folders
        self.cache = cache
    }

    /// Changes when libraries are installed, removed or replaced.
    var fingerprint: String {
        let stamps = (folders + [cache]).map {
            FileStamp(followingLinks: $0).map { "\($0.inode).\($0.modified)" } ?? "-"
        }
        return String(Digest.of(Array(stamps.joined(separator: " ").utf8)).prefix(16))
    }

    func has(_ name: String, runpaths: [String]) -> Bool { path(of: name, runpaths: runpaths) != nil }

    /// Where `name`, as a library asks for it, is. `$ORIGIN` in `runpaths` leads nowhere: a plugin is one file, and it is
    /// loaded from a folder where it is alone.
    func path(of name: String, runpaths: [String]) -> String? {
        if name.contains("/") { return isThere(name) ? name : nil }
        for folder in runpaths where folder.hasPrefix("/") && isThere("\(folder)/\(name)") {
            return "\(folder)/\(name)"
        }
        if let known = memory.withLock({ $0.paths[name] }), isThere(known) { return known }
        let found =
            folders.lazy.map { "\($0)/\(name)" }.first(where: isThere)
            ?? cachedFolders().lazy.map { "\($0)/\(name)" }.first(where: isThere)
        memory.withLock { $0.paths[name] = found }
        return found
    }

    /// The symbol versions that the library at `path` has; empty when it names none.
    func versions(of path: String, _ budget: ElfBudget = ElfBudget()) -> Set<String> {
        offer(of: path, budget)?.versions ?? []
    }

    /// Of `names`, those that no library defines which is among `needed`, or needed by one of these. None where a library
    /// is missing or cannot be read within the budget: that is another fault, or none that can be told.
    func unresolved(
        _ names: Set<String>, needed: [String], runpaths: [String],
        _ budget: ElfBudget = ElfBudget(limit: ElfBudget.libraries)
    ) -> Set<String> {
        var left = names
        var seen: Set<String> = []
        // The guest has the C library, whether a plugin asks for it or not.
        var waiting = ["libc.so.6"] + needed
        while !left.isEmpty, let name = waiting.popLast() {
            guard seen.insert(name).inserted else { continue }
            guard let path = path(of: name, runpaths: runpaths), let offer = offer(of: path, budget) else {
                return []
            }
            left.subtract(offer.exported)
            waiting += offer.needed
        }
        return left
    }

    private func offer(of path: String, _ budget: ElfBudget) -> LibraryOffer? {
        guard !budget.isSpent, let stamp = FileStamp(followingLinks: path) else { return nil }
        if let known = memory.withLock({ $0.offers[path] }), known.stamp == stamp { return known.offer }
        let own = ElfBudget(limit: min(ElfBudget.file, budget.limit - budget.spent))
        let offer = Self.readOffer(path, own)
        try? budget.spend(own.spent)
        // What others had spent before is no fault of this library's.
        if own.isSpent && own.limit < ElfBudget.file { return nil }
        memory.withLock { $0.remember(offer, at: path, stamp, steps: own.spent + path.utf8.count) }
        return offer
    }

    private static func readOffer(_ path: String, _ budget: ElfBudget) -> LibraryOffer? {
        guard let file = FileDescriptor(opening: path, O_RDONLY | O_NONBLOCK | O_NOCTTY),
            let stamp = FileStamp(descriptor: file.number), stamp.isFile, stamp.size > 0,
            stamp.size <= sizeLimit, (try? budget.spend(Int(stamp.size) / 64)) != nil
        else { return nil }
        // Read, not mapped: whoever owns the file may cut it short meanwhile.
        let bytes = UnsafeMutableRawBufferPointer.allocate(byteCount: Int(stamp.size), alignment: 8)
        defer { bytes.deallocate() }
        var size = 0
        while size < bytes.count {
            let count = pread(file.number, bytes.baseAddress.map { $0 + size }, bytes.count - size, off_t(size))
            guard count > 0 else { break }
            size += count
        }
        return ElfFacts.offer(UnsafeRawBufferPointer(rebasing: bytes[..<size]), budget: budget)
    }

    /// All of it is read into memory.
    private static let sizeLimit: Int64 = 256 << 20

    /// A plugin may name any path of the machine: what is no file is never opened.
    private func isThere(_ path: String) -> Bool { FileStamp(followingLinks: path)?.isFile == true }

    /// The folders of all paths that ldconfig wrote down: in its file they are NUL-terminated texts that start with /.
    private func cachedFolders() -> Set<String> {
        guard let bytes = FileManager.default.contents(atPath: cache) else { return [] }
        let paths = bytes.split(separator: 0).filter { $0.first == UInt8(ascii: "/") }
        return Set(
            paths.compactMap { path in
                path.lastIndex(of: UInt8(ascii: "/")).map { String(decoding: path[..<$0], as: UTF8.self) }
            })
    }
}

/// What a library offers to others, and what it asks for.
struct LibraryOffer: Sendable {
    var exported: Set<String>
    var needed: [String]
    /// The symbol versions it has; empty when it names none.
    var versions: Set<String>
}
