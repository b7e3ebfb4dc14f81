import Glibc

/// Bytes of a file that nobody vouches for. Every read is checked; a read outside is a `Rejection`, never a trap.
/// Valid only inside the closure that lent the buffer.
struct ElfBytes {
    private let buffer: UnsafeRawBufferPointer
    let budget: ElfBudget

    init(_ buffer: UnsafeRawBufferPointer, budget: ElfBudget = ElfBudget()) {
        self.buffer = buffer
        self.budget = budget
    }

    var count: UInt64 { UInt64(buffer.count) }

    /// A little-endian integer.
    func integer<Value: FixedWidthInteger>(at offset: UInt64, as type: Value.Type = Value.self) throws(Rejection)
        -> Value
    {
        try budget.spend(1)
        try demand(offset, UInt64(MemoryLayout<Value>.size))
        return Value(littleEndian: buffer.loadUnaligned(fromByteOffset: Int(offset), as: Value.self))
    }

    /// The text from `offset` to its NUL, which must come before `end` and within 4 KiB.
    func text(at offset: UInt64, end: UInt64) throws(Rejection) -> String {
        let stop = min(end, count, ElfBytes.sum(offset, 4096) ?? count)
        guard offset < stop else { throw .malformed(what: "a name lies outside its table") }
        let piece = UnsafeRawBufferPointer(rebasing: buffer[Int(offset)..<Int(stop)])
        let length = piece.baseAddress.map { strnlen($0.assumingMemoryBound(to: CChar.self), piece.count) } ?? 0
        try budget.spend(64 + length)
        guard length < piece.count else { throw .malformed(what: "a name has no end") }
        return String(decoding: piece[..<length], as: UTF8.self)
    }

    /// Whether `word` and a NUL stand at `offset`, without making a text of what does.
    func holds(_ word: StaticString, at offset: UInt64) -> Bool {
        let length = word.utf8CodeUnitCount + 1
        guard (try? budget.spend(1)) != nil, offset <= count, count - offset >= UInt64(length) else { return false }
        let piece = UnsafeRawBufferPointer(rebasing: buffer[Int(offset)..<Int(offset) + length])
        let wanted = UnsafeRawBufferPointer(start: word.utf8Start, count: length - 1)
        return piece.last == 0 && piece.dropLast().elementsEqual(wanted)
    }

    func copy(_ offset: UInt64, _ length: UInt64) throws(Rejection) -> [UInt8] {
        try demand(offset, length)
        try budget.spend(Int(length))
        return Array(buffer[Int(offset)..<Int(offset + length)])
    }

    /// Throws `truncated` unless `length` bytes at `offset` are in the file.
    func demand(_ offset: UInt64, _ length: UInt64) throws(Rejection) {
        guard let end = ElfBytes.sum(offset, length) else { throw .malformed(what: "an offset is beyond any file") }
        guard end <= count else { throw .truncated(holds: count, needs: end) }
    }

    /// Throws `truncated` unless a table of `rows` rows of `size` bytes at `offset` is in the file.
    func demandTable(at offset: UInt64, rows: UInt64, size: UInt64) throws(Rejection) {
        let (length, overflow) = rows.multipliedReportingOverflow(by: size)
        guard !overflow else { throw .malformed(what: "a table is larger than any file") }
        try demand(offset, length)
    }

    /// The first printable bytes, for saying what a file is instead of a library.
    func beginning(_ limit: Int = 16) -> String {
        let shown = buffer.prefix(limit).map { byte in
            byte >= 0x20 && byte < 0x7f && byte != UInt8(ascii: "\"") ? String(UnicodeScalar(byte)) : "."
        }
        return shown.joined()
    }

    static func sum(_ left: UInt64, _ right: UInt64) -> UInt64? {
        let (sum, overflow) = left.addingReportingOverflow(right)
        return overflow ? nil : sum
    }
}
