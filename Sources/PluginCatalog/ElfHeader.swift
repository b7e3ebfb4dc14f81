/// The first 64 bytes of a 64-bit ELF file, judged: only shared libraries for this machine have one here.
/// Layout: System V ABI, "ELF Header" (gabi chapter 4).
struct ElfHeader {
    static let size: UInt64 = 64

    let programOffset: UInt64
    let programCount: UInt64
    let sectionOffset: UInt64
    let sectionCount: UInt64
    let sectionNamesRow: UInt64

    init(_ bytes: ElfBytes, machine: ElfMachine) throws(Rejection) {
        guard bytes.count > 0 else { throw .empty }
        guard (try? bytes.integer(at: 0, as: UInt32.self)) == 0x464c_457f else {
            throw .notALibrary(beginning: bytes.beginning())
        }
        try bytes.demand(0, Self.size)
        try Self.judgeMachine(bytes, host: machine)
        try Self.judgeType(bytes)
        programOffset = try bytes.integer(at: 32)
        programCount = UInt64(try bytes.integer(at: 56, as: UInt16.self))
        sectionOffset = try bytes.integer(at: 40)
        sectionCount = UInt64(try bytes.integer(at: 60, as: UInt16.self))
        sectionNamesRow = UInt64(try bytes.integer(at: 62, as: UInt16.self))
        guard try bytes.integer(at: 54, as: UInt16.self) == ElfSegment.size else {
            throw .malformed(what: "its program headers have an unknown size")
        }
    }

    private static func judgeMachine(_ bytes: ElfBytes, host: ElfMachine) throws(Rejection) {
        let wide = try bytes.integer(at: 4, as: UInt8.self) == 2
        let big = try bytes.integer(at: 5, as: UInt8.self) == 2
        let code = try bytes.integer(at: 18, as: UInt16.self)
        let found = ElfMachine(code: big ? code.byteSwapped : code)
        guard found == host, wide, !big else {
            let marks = [found.name, wide ? nil : "32-bit", big ? "big-endian" : nil]
            throw .otherMachine(found: marks.compactMap(\.self).joined(separator: " "), host: host.name)
        }
    }

    private static func judgeType(_ bytes: ElfBytes) throws(Rejection) {
        switch try bytes.integer(at: 16, as: UInt16.self) {
        case 3: return
        case 1: throw .notShared(found: "an object file")
        case 2: throw .notShared(found: "a program")
        case 4: throw .notShared(found: "a core dump")
        case let other: throw .malformed(what: "its file type \(other) is unknown")
        }
    }
}

/// A processor family by its number in ELF files.
struct ElfMachine: Hashable, Sendable {
    let code: UInt16

    var name: String {
        switch code {
        case 3: "x86"
        case 8: "mips"
        case 20: "powerpc"
        case 21: "powerpc64"
        case 22: "s390x"
        case 40: "arm"
        case 62: "x86-64"
        case 183: "aarch64"
        case 243: "riscv"
        case 258: "loongarch"
        default: "machine \(code)"
        }
    }

    #if arch(x86_64)
        static let host = ElfMachine(code: 62)
        /// What glibc assumes of a library that does not say.
        static let stackIsExecutableUnlessSaid = true
        static let multiarch = "x86_64-linux-gnu"
    #elseif arch(arm64)
        static let host = ElfMachine(code: 183)
        static let stackIsExecutableUnlessSaid = false
        static let multiarch = "aarch64-linux-gnu"
    #endif
}
