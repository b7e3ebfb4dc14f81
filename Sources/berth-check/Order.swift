import CCheckShims
import CGuestWire.Shims

/// What `berth` wants checked, read from descriptor 0: records of a name, a length and that many bytes.
struct Order {
    /// One component to look at, with params made for it.
    struct Target {
        var id: [UInt8]
        /// Params that its schema takes; the first are those of an ordinary run.
        var normal: [[UInt8]] = []
        /// Params that a component has to refuse for good, each with a word for what is wrong.
        var refused: [(label: [UInt8], params: [UInt8])] = []
        /// Params that nobody would send; a component only has to survive them.
        var odd: [(label: [UInt8], params: [UInt8])] = []
        /// Values in the params that must not be told to anybody.
        var secrets: [[UInt8]] = []
    }

    var check: [UInt8] = []
    /// With its terminating NUL.
    var library: [UInt8] = []
    var scratch: [UInt8] = []
    var configuration: [UInt8] = [0x7B, 0x7D]
    var seed: UInt64 = 1
    var isFull = false
    /// GW_FEATURE_…
    var sandbox: UInt32 = 0
    var grants: UInt32 = 0
    /// For `idempotence`: the service call at which the process is to die; 0: never.
    var dieAt: UInt64 = 0
    /// Folders that may be read beside what every plugin may, each with its terminating NUL.
    var readable: [[UInt8]] = []
    /// Bytes of private memory; 0: no limit.
    var memory: UInt64 = 2 << 30
    /// For `bench`: how long to run.
    var milliseconds: UInt64 = 1000
    var targets: [Target] = []

    /// Nil when the bytes are not an order.
    init?(_ bytes: [UInt8]) {
        var rest = bytes[...]
        while !rest.isEmpty {
            guard let space = rest.firstIndex(of: 0x20), let end = rest.firstIndex(of: 0x0A), space < end,
                let length = Self.number(rest[(space + 1)..<end]), length <= UInt64(rest.endIndex - end - 1)
            else { return nil }
            let start = end + 1
            take([UInt8](rest[rest.startIndex..<space]), [UInt8](rest[start..<(start + Int(length))]))
            rest = rest[(start + Int(length))...]
        }
    }

    private mutating func take(_ name: [UInt8], _ value: [UInt8]) {
        if name == Words("check").bytes { check = value }
        if name == Words("library").bytes { library = value + [0] }
        if name == Words("scratch").bytes { scratch = value + [0] }
        if name == Words("configuration").bytes { configuration = value }
        if name == Words("seed").bytes { seed = Self.number(value[...]) ?? 1 }
        if name == Words("full").bytes { isFull = true }
        if name == Words("sandbox").bytes { sandbox = UInt32(truncatingIfNeeded: Self.number(value[...]) ?? 0) }
        if name == Words("grants").bytes { grants = UInt32(truncatingIfNeeded: Self.number(value[...]) ?? 0) }
        if name == Words("die-at").bytes { dieAt = Self.number(value[...]) ?? 0 }
        if name == Words("readable").bytes { readable.append(value + [0]) }
        if name == Words("memory").bytes { memory = Self.number(value[...]) ?? 0 }
        if name == Words("milliseconds").bytes { milliseconds = Self.number(value[...]) ?? 1000 }
        if name == Words("component").bytes { targets.append(Target(id: value)) }
        guard let last = targets.indices.last else { return }
        if name == Words("normal").bytes { targets[last].normal.append(value) }
        if name == Words("refused").bytes { targets[last].refused.append(Self.labelled(value)) }
        if name == Words("odd").bytes { targets[last].odd.append(Self.labelled(value)) }
        if name == Words("secret").bytes { targets[last].secrets.append(value) }
    }

    private static func labelled(_ value: [UInt8]) -> (label: [UInt8], params: [UInt8]) {
        guard let end = value.firstIndex(of: 0x0A) else { return (value, []) }
        return ([UInt8](value[..<end]), [UInt8](value[(end + 1)...]))
    }

    private static func number(_ digits: ArraySlice<UInt8>) -> UInt64? {
        guard !digits.isEmpty else { return nil }
        var number: UInt64 = 0
        for digit in digits {
            guard digit >= 0x30, digit <= 0x39, number < 1 << 59 else { return nil }
            number = number * 10 + UInt64(digit - 0x30)
        }
        return number
    }

    static func received() -> Order? {
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 1 << 16)
        while true {
            let count = buffer.withUnsafeMutableBytes { read(0, $0.baseAddress, $0.count) }
            guard count >= 0 else { return nil }
            guard count > 0 else { return Order(bytes) }
            bytes.append(contentsOf: buffer[..<count])
        }
    }
}

/// SplitMix64: the same seed gives the same check.
struct Random {
    private var state: UInt64

    init(seed: UInt64) {
        state = seed
    }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var word = state
        word = (word ^ (word >> 30)) &* 0xBF58_476D_1CE4_E5B9
        word = (word ^ (word >> 27)) &* 0x94D0_49BB_1331_11EB
        return word ^ (word >> 31)
    }

    mutating func below(_ limit: Int) -> Int {
        limit <= 1 ? 0 : Int(next() % UInt64(limit))
    }

    mutating func bytes(_ count: Int) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(count + 8)
        while bytes.count < count {
            var word = next()
            for _ in 0..<8 {
                bytes.append(UInt8(truncatingIfNeeded: word))
                word >>= 8
            }
        }
        bytes.removeLast(bytes.count - count)
        return bytes
    }
}
