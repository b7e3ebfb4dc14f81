import CCheckShims
import CGuestWire.Shims

/// What a plugin may leave behind in the process.
struct Traces: Equatable {
    var threads = 0
    var descriptors = 0
    var children: Int32 = 0
    private var dispositions: [UInt64] = []
    private var blocked: UInt64 = 0

    /// Opened once, before the sandbox closes the way.
    nonisolated(unsafe) private static var status: Int32 = -1
    nonisolated(unsafe) private static var memory: Int32 = -1

    static func prepare() {
        status = check_open("/proc/self/status")
        memory = check_open("/proc/self/statm")
    }

    static func now() -> Traces {
        var traces = Traces()
        traces.threads = number(after: "Threads:", in: status)
        for descriptor: Int32 in 0..<1024 where check_is_open(descriptor) != 0 { traces.descriptors += 1 }
        traces.children = check_children()
        for signal: Int32 in 1..<65 { traces.dispositions.append(check_disposition(signal)) }
        traces.blocked = check_blocked_signals()
        return traces
    }

    /// The first signal whose handler or mask differs from `other`'s.
    func changedSignal(since other: Traces) -> Int? {
        for index in dispositions.indices where dispositions[index] != other.dispositions[index] { return index + 1 }
        for signal in 1..<64 where (blocked ^ other.blocked) >> UInt64(signal) & 1 != 0 { return signal }
        return nil
    }

    /// Bytes of memory that are really there.
    static func residentBytes() -> Int {
        let text = read(memory)
        var field = 0
        var pages = 0
        for byte in text {
            if byte == 0x20 { field += 1 } else if field == 1 { pages = pages * 10 + Int(byte) - 0x30 }
            if field > 1 { break }
        }
        return pages * 4096
    }

    /// Bytes of private memory that may be written: what RLIMIT_DATA counts.
    static func dataBytes() -> Int {
        number(after: "VmData:", in: status) * 1024
    }

    private static func number(after label: StaticString, in file: Int32) -> Int {
        let text = read(file)
        let wanted = Words("\(label)").bytes
        var line: [UInt8] = []
        for byte in text {
            guard byte == 0x0A else {
                line.append(byte)
                continue
            }
            if line.starts(with: wanted) {
                return line.reduce(0) { $1 >= 0x30 && $1 <= 0x39 ? $0 * 10 + Int($1) - 0x30 : $0 }
            }
            line.removeAll()
        }
        return 0
    }

    private static func read(_ file: Int32) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: 8192)
        let count = bytes.withUnsafeMutableBytes { pread(file, $0.baseAddress, $0.count, 0) }
        bytes.removeLast(bytes.count - max(0, count))
        return bytes
    }
}
