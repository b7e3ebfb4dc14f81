import Glibc

/// By what the next host of a home knows who came out of a guest of it: the hard limit of file locks. No kernel since
/// Linux 2.4 holds anybody to that limit, everything that a guest starts inherits it, only the privileged can raise it, and
/// the call filter lets nobody in a guest set it.
struct HomeMark: Hashable {
    private static let bits = 48
    /// Tells the home from others.
    private let number: UInt64

    /// FNV-1a, folded.
    init(of marker: String) {
        let hash = marker.utf8.reduce(UInt64(0xcbf2_9ce4_8422_2325)) { ($0 ^ UInt64($1)) &* 0x100_0000_01b3 }
        number = (hash ^ hash >> Self.bits) & (1 << Self.bits - 1)
    }

    /// The limit for guests of a host that has this one itself: the highest that it can give. The bit above the number says
    /// only how high, so that a host under another limit knows it. Zero: there is none.
    func limit(below own: UInt64) -> UInt64 {
        (Self.bits..<63).reversed().map { 1 << UInt64($0) | number }.first { $0 < own } ?? 0
    }

    /// Whether a process has this home's mark; one that has ended keeps it until it is waited for.
    func isOn(_ process: Int32) -> Bool {
        guard let limit = ProcessFacts.locks(of: process) else { return false }
        let height = limit >> Self.bits
        return limit & (1 << Self.bits - 1) == number && height.nonzeroBitCount == 1
    }
}
