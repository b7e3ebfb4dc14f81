/// The same numbers in every run (SplitMix64), so that a failure can be repeated.
struct SeededRandom: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) {
        state = seed
    }

    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var bits = state
        bits = (bits ^ (bits >> 30)) &* 0xbf58_476d_1ce4_e5b9
        bits = (bits ^ (bits >> 27)) &* 0x94d0_49bb_1331_11eb
        return bits ^ (bits >> 31)
    }

    /// One to three changes: a byte replaced, put in, taken out, or the end cut off.
    mutating func mutated(_ bytes: [UInt8]) -> [UInt8] {
        var result = bytes
        for _ in 0..<Int.random(in: 1...3, using: &self) {
            let at = Int.random(in: 0...result.count, using: &self)
            switch Int.random(in: 0..<16, using: &self) {
            case 0...3: result.insert(.random(in: 0...255, using: &self), at: at)
            case 4...7 where at < result.count: result.remove(at: at)
            case 8: result.removeLast(result.count - at)
            default:
                guard at < result.count else { continue }
                result[at] = Bool.random(using: &self) ? .random(in: 0...255, using: &self) : result[at] ^ 1
            }
        }
        return result
    }
}
