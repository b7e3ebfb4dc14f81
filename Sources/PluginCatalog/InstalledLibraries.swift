import Foundation
import Glibc

/// The shared libraries a guest's loader can find on this machine.
struct InstalledLibraries: Sendable {
    var folders = [
        "/lib/\(ElfMachine.multiarch)", "/usr/lib/\(ElfMachine.multiarch)", "/lib64", "/usr/lib64", "/lib", "/usr/lib",
    ]
    var cache = "/etc/ld.so.cache"

    /// Whether `name`, as a library asks for it, can be found. `$ORIGIN` in `runpaths` leads nowhere: a plugin is one
    /// file, and it is loaded from a folder where it is alone.
    func has(_ name: String, runpaths: [String]) -> Bool {
        path(of: name, runpaths: runpaths) != nil
    }

    /// Where `name` is found.
    func path(of name: String, runpaths: [String]) -> String? {
        if name.contains("/") { return isThere(name) ? name : nil }
        let places = runpaths.filter { $0.hasPrefix("/") } + folders
        let find = { (folders: [String]) in folders.lazy.map { "\($0)/\(name)" }.first(where: isThere) }
        return find(places) ?? find(Array(cachedFolders()))
    }

    private func isThere(_ path: String) -> Bool { access(path, F_OK) == 0 }

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
