import Glibc

/// A symbol version that a library asks of another one: `GLIBCXX_3.4.30` of `libstdc++.so.6`.
package struct ElfVersionNeed: Hashable, Sendable {
    package var library: String
    package var version: String
}

/// The tables of symbol versions that a library needs (`.gnu.version_r`) and has (`.gnu.version_d`). Layout: Linux
/// Standard Base, "Symbol Versioning".
enum ElfVersions {
    static func needed(
        _ bytes: ElfBytes, _ segments: ElfSegments, _ dynamic: ElfDynamic, names: Range<UInt64>
    ) throws(Rejection) -> [ElfVersionNeed] {
        guard let table = dynamic.versionNeeds else { return [] }
        var found: [ElfVersionNeed] = []
        var place = try segments.offset(of: table.address)
        var steps = limit
        for _ in 0..<min(table.count, limit) where steps > 0 {
            try gather(bytes, library: place, names: names, into: &found, steps: &steps)
            let next = UInt64(try bytes.integer(at: place + 12, as: UInt32.self))
            if next == 0 { break }
            place += next
        }
        return found
    }

    private static func gather(
        _ bytes: ElfBytes, library: UInt64, names: Range<UInt64>, into found: inout [ElfVersionNeed],
        steps: inout UInt64
    ) throws(Rejection) {
        let file = try name(bytes, at: library + 4, names)
        let count = try bytes.integer(at: library + 2, as: UInt16.self)
        var place = library + UInt64(try bytes.integer(at: library + 8, as: UInt32.self))
        for _ in 0..<min(UInt64(count), steps) {
            steps -= 1
            let isWeak = try bytes.integer(at: place + 4, as: UInt16.self) & 2 != 0
            if !isWeak {
                found.append(ElfVersionNeed(library: file, version: try name(bytes, at: place + 8, names)))
            }
            let next = UInt64(try bytes.integer(at: place + 12, as: UInt32.self))
            if next == 0 { break }
            place += next
        }
    }

    /// What a library has, by name.
    static func provided(
        _ bytes: ElfBytes, _ segments: ElfSegments, _ dynamic: ElfDynamic, names: Range<UInt64>
    ) throws(Rejection) -> Set<String> {
        guard let table = dynamic.versionDefinitions else { return [] }
        var found: Set<String> = []
        var place = try segments.offset(of: table.address)
        for _ in 0..<min(table.count, limit) {
            let first = place + UInt64(try bytes.integer(at: place + 12, as: UInt32.self))
            found.insert(try name(bytes, at: first, names))
            let next = UInt64(try bytes.integer(at: place + 16, as: UInt32.self))
            if next == 0 { break }
            place += next
        }
        return found
    }

    /// Whether a symbol is there for programs alone that were linked with an older version of the library. `table`: where
    /// the versions of the symbols are; a library without any has none.
    static func isLeftover(_ bytes: ElfBytes, row: UInt64, of table: UInt64?) throws(Rejection) -> Bool {
        guard let table else { return false }
        return try bytes.integer(at: table + row * 2, as: UInt16.self) & 0x8000 != 0
    }

    private static func name(_ bytes: ElfBytes, at place: UInt64, _ names: Range<UInt64>) throws(Rejection) -> String {
        let offset = UInt64(try bytes.integer(at: place, as: UInt32.self))
        return try bytes.text(at: names.lowerBound + offset, end: names.upperBound)
    }

    /// More than any library has, of all others together; a cycle of a forged table ends here.
    private static let limit = 4096 as UInt64
}

/// A version of the C library: `2.36`.
struct LibcVersion: Comparable, Sendable, CustomStringConvertible {
    let major: Int
    let minor: Int

    init?(_ text: some StringProtocol) {
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count >= 2, let major = Int(parts[0]), let minor = Int(parts[1]) else { return nil }
        self.major = major
        self.minor = minor
    }

    /// Of a symbol version: `GLIBC_2.34`. Nil for versions that are not numbers.
    init?(symbolVersion: String) {
        // A marker, not a number: packed relocations, which the C library knows since 2.36.
        if symbolVersion == "GLIBC_ABI_DT_RELR" {
            self.init("2.36")
        } else if symbolVersion.hasPrefix("GLIBC_") {
            self.init(symbolVersion.dropFirst(6))
        } else {
            return nil
        }
    }

    /// This process's, which is the one guests get.
    static var host: LibcVersion? {
        var text = [CChar](repeating: 0, count: 64)
        guard confstr(Int32(_CS_GNU_LIBC_VERSION), &text, text.count) > 0 else { return nil }
        return LibcVersion(
            String(decoding: text.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
                .drop { $0 != " " }.dropFirst())
    }

    static func < (left: LibcVersion, right: LibcVersion) -> Bool {
        (left.major, left.minor) < (right.major, right.minor)
    }

    var description: String { "\(major).\(minor)" }
}
