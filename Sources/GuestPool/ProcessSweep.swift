import CLinux
import Glibc

/// Finds processes by what their environment says and kills them.
enum ProcessSweep {
    /// Kills every other process whose environment has all of these entries, again and again until none is left or
    /// five seconds have passed. Returns how many were killed.
    @discardableResult
    static func kill(environmentHas entries: [String]) -> Int {
        let wanted = entries.map { Array($0.utf8) }
        let end = Moment.now().monotonic + 5_000_000_000
        var seen = Set<Int32>()
        while Moment.now().monotonic < end {
            let found = processes().filter { environment(of: $0, hasAll: wanted) && !isZombie($0) }
            if found.isEmpty { break }
            for process in found where killAndWait(process) { seen.insert(process) }
        }
        return seen.count
    }

    /// Sends SIGKILL once to each of them and waits for nothing. Returns how many there were.
    static func strike(environmentHas entries: [String]) -> Int {
        let wanted = entries.map { Array($0.utf8) }
        let found = processes().filter { environment(of: $0, hasAll: wanted) && !isZombie($0) }
        for process in found { _ = Glibc.kill(process, SIGKILL) }
        return found.count
    }

    private static func killAndWait(_ process: Int32) -> Bool {
        let pidfd = berth_pidfd_open(process)
        guard pidfd >= 0 else { return false }
        defer { close(pidfd) }
        guard berth_pidfd_signal(pidfd, SIGKILL) == 0 else { return false }
        var waiting = pollfd(fd: pidfd, events: Int16(POLLIN), revents: 0)
        poll(&waiting, 1, 1000)
        return true
    }

    private static func processes() -> [Int32] {
        let own = getpid()
        return FolderTree.names(in: "/proc").compactMap { Int32($0) }.filter { $0 != own && $0 > 1 }
    }

    private static func environment(of process: Int32, hasAll wanted: [[UInt8]]) -> Bool {
        let entries = contents("/proc/\(process)/environ").split(separator: 0)
        return !entries.isEmpty && wanted.allSatisfy { entry in entries.contains { $0.elementsEqual(entry) } }
    }

    /// Dead and waiting for its parent to notice. The state follows the name, which ends with the last parenthesis.
    static func isZombie(_ process: Int32) -> Bool {
        let text = contents("/proc/\(process)/stat")
        guard let end = text.lastIndex(of: UInt8(ascii: ")")), end + 2 < text.count else { return true }
        return text[end + 2] == UInt8(ascii: "Z") || text[end + 2] == UInt8(ascii: "X")
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
