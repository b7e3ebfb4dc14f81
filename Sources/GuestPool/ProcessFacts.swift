import CLinux
import Glibc

/// What proc(5) says of processes. Of one that is gone, or may not be looked at, it says nothing.
enum ProcessFacts {
    /// Dead and waiting for its parent to notice, or gone.
    static func isZombie(_ process: Int32) -> Bool {
        guard let state = stat(of: process).first?.first else { return true }
        return state == UInt8(ascii: "Z") || state == UInt8(ascii: "X")
    }

    /// Fields of `stat` from the third on, the state. The name before it ends with the last parenthesis.
    static func stat(of process: Int32) -> [ArraySlice<UInt8>] {
        let text = contents("/proc/\(process)/stat")
        guard let end = text.lastIndex(of: UInt8(ascii: ")")) else { return [] }
        return text[(end + 1)...].split(separator: UInt8(ascii: " "))
    }

    /// The limit of file locks that it cannot raise; `.max` for none, nil where that cannot be read. Its children have it too.
    static func locks(of process: Int32) -> UInt64? {
        let key = "Max file locks"
        for line in contents("/proc/\(process)/limits").split(separator: UInt8(ascii: "\n"))
        where line.starts(with: key.utf8) {
            // The soft limit, the hard one and the unit.
            let words = line.dropFirst(key.utf8.count).split(separator: UInt8(ascii: " "))
            guard words.count > 1 else { return nil }
            let limit = String(decoding: words[1], as: UTF8.self)
            return limit == "unlimited" ? .max : UInt64(limit)
        }
        return nil
    }

    /// A process and those below it, no more than so many.
    static func family(of process: Int32, most: Int) -> [Int32] {
        var family = [process]
        var next = 0
        while next < family.count, family.count < most {
            family += children(of: family[next])
            next += 1
        }
        return Array(family.prefix(most))
    }

    /// Whether its environment, as it was when its program began, has all of these entries.
    static func environment(of process: Int32, hasAll wanted: [String]) -> Bool {
        let entries = contents("/proc/\(process)/environ").split(separator: 0)
        return !entries.isEmpty && wanted.allSatisfy { entry in entries.contains { $0.elementsEqual(entry.utf8) } }
    }

    /// Processes that a process has started and not waited for.
    static func children(of process: Int32) -> [Int32] {
        FolderTree.names(in: "/proc/\(process)/task").flatMap { children(of: process, thread: $0) }
    }

    /// The same of one of its threads.
    static func children(of process: Int32, thread: String) -> [Int32] {
        let children = contents("/proc/\(process)/task/\(thread)/children")
        return children.split(separator: UInt8(ascii: " ")).compactMap { Int32(String(decoding: $0, as: UTF8.self)) }
    }

    static func contents(_ path: String) -> [UInt8] {
        let file = open(path, O_RDONLY | O_CLOEXEC)
        guard file >= 0 else { return [] }
        defer { close(file) }
        var bytes: [UInt8] = []
        let chunk = UnsafeMutableRawBufferPointer.allocate(byteCount: 16384, alignment: 8)
        defer { chunk.deallocate() }
        while bytes.count < 4 << 20 {
            let count = berth_read(file, chunk.baseAddress, chunk.count)
            guard count > 0 else { break }
            bytes.append(contentsOf: chunk[..<count])
        }
        return bytes
    }
}
