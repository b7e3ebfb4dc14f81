import CLinux
import Glibc

/// What proc(5) says in `status` of a process; 0 for all of one that is gone, and for what this kernel does not say.
/// Read without a string for each line: the pool looks at its guests hundreds of times a second.
struct ProcessStatus {
    /// Resident bytes that are no file's and its own.
    private(set) var anonymous: UInt64 = 0
    /// Resident bytes that are no file's and that others may share.
    private(set) var shared: UInt64 = 0
    /// Bytes of the tables of its pages, swapped out, and in huge pages: part of neither of those two.
    private(set) var beside: UInt64 = 0
    /// Resident bytes of files.
    private(set) var mapped: UInt64 = 0
    /// Resident bytes of every kind, when they were most.
    private(set) var peak: UInt64 = 0
    private(set) var threads: UInt64 = 0

    /// All that it holds but files, in bytes.
    var held: UInt64 { anonymous + shared + beside }

    private static let beside = ["VmPTE:", "VmSwap:", "HugetlbPages:"]

    init(of process: Int32) {
        let file = open("/proc/\(process)/status", O_RDONLY | O_CLOEXEC)
        guard file >= 0 else { return }
        defer { close(file) }
        withUnsafeTemporaryAllocation(byteCount: 16384, alignment: 8) { buffer in
            let count = max(0, berth_read(file, buffer.baseAddress, buffer.count))
            var rest = UnsafeRawBufferPointer(buffer)[..<count]
            while let end = rest.firstIndex(of: UInt8(ascii: "\n")) {
                take(rest[..<end])
                rest = rest[(end + 1)...]
            }
        }
    }

    private mutating func take(_ line: Slice<UnsafeRawBufferPointer>) {
        if line.starts(with: "RssAnon:".utf8) {
            anonymous = Self.number(in: line) << 10
        } else if line.starts(with: "RssShmem:".utf8) {
            shared = Self.number(in: line) << 10
        } else if Self.beside.contains(where: { line.starts(with: $0.utf8) }) {
            beside += Self.number(in: line) << 10
        } else if line.starts(with: "RssFile:".utf8) {
            mapped = Self.number(in: line) << 10
        } else if line.starts(with: "VmHWM:".utf8) {
            peak = Self.number(in: line) << 10
        } else if line.starts(with: "Threads:".utf8) {
            threads = Self.number(in: line)
        }
    }

    private static func number(in line: Slice<UnsafeRawBufferPointer>) -> UInt64 {
        line.reduce(0) { value, byte in
            (48...57).contains(byte) ? value &* 10 &+ UInt64(byte - 48) : value
        }
    }
}
