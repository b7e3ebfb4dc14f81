/// A job's own place in a stretch of time, from its name alone: the same after every start and on every machine, so that a
/// thousand jobs that are due together do not start together.
package struct NameSpread: Hashable, Sendable {
    private let hash: UInt64

    package init(_ name: String) {
        // FNV-1a, then the finisher of SplitMix64: similar names end far apart.
        var bits: UInt64 = 0xcbf2_9ce4_8422_2325
        for byte in name.utf8 { bits = (bits ^ UInt64(byte)) &* 0x100_0000_01b3 }
        bits = (bits ^ (bits >> 30)) &* 0xbf58_476d_1ce4_e5b9
        bits = (bits ^ (bits >> 27)) &* 0x94d0_49bb_1331_11eb
        hash = bits ^ (bits >> 31)
    }

    /// From zero to just under the whole; zero for a whole that is not positive.
    package func place(in whole: Duration) -> Duration {
        .microseconds(Int64(UInt64(max(0, whole.microseconds)).multipliedFullWidth(by: hash).high))
    }
}

extension JobDefinition {
    /// How long after each planned instant the job starts: its place in its jitter.
    package var startOffset: Duration { jitter > .zero ? NameSpread(name).place(in: jitter) : .zero }
}
