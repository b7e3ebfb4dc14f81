/// One program header.
struct ElfSegment {
    static let size: UInt16 = 56

    let type: UInt32
    let flags: UInt32
    let offset: UInt64
    let address: UInt64
    let fileSize: UInt64

    init(_ bytes: ElfBytes, at offset: UInt64) throws(Rejection) {
        type = try bytes.integer(at: offset)
        flags = try bytes.integer(at: offset + 4)
        self.offset = try bytes.integer(at: offset + 8)
        address = try bytes.integer(at: offset + 16)
        fileSize = try bytes.integer(at: offset + 32)
    }

    var isExecutable: Bool { flags & 1 != 0 }
    var isWritable: Bool { flags & 2 != 0 }
}

/// The program headers of a file, all of whose parts were found inside it.
struct ElfSegments {
    private let loaded: [ElfSegment]
    let dynamic: ElfSegment
    let hasExecutableStack: Bool
    let hasWritableCode: Bool
    let hasReadOnlyRelocations: Bool
    private let notes: [ElfSegment]

    init(_ bytes: ElfBytes, header: ElfHeader) throws(Rejection) {
        let rowSize = UInt64(ElfSegment.size)
        try bytes.demandTable(at: header.programOffset, rows: header.programCount, size: rowSize)
        var all: [ElfSegment] = []
        for row in 0..<header.programCount {
            all.append(try ElfSegment(bytes, at: header.programOffset + row * rowSize))
        }
        try Self.demandEnd(bytes, header: header, segments: all)
        guard let dynamic = all.first(where: { $0.type == Self.dynamicType }) else {
            throw .malformed(what: "it has no dynamic section")
        }
        self.dynamic = dynamic
        loaded = all.filter { $0.type == Self.loadType }
        notes = all.filter { $0.type == Self.noteType }
        hasReadOnlyRelocations = all.contains { $0.type == Self.relocationsType }
        hasWritableCode = loaded.contains { $0.isWritable && $0.isExecutable }
        let stack = all.first { $0.type == Self.stackType }
        hasExecutableStack = stack?.isExecutable ?? ElfMachine.stackIsExecutableUnlessSaid
    }

    /// Where in the file the byte at `address` of the loaded library is.
    func offset(of address: UInt64) throws(Rejection) -> UInt64 {
        for segment in loaded where address >= segment.address && address - segment.address < segment.fileSize {
            return segment.offset + (address - segment.address)
        }
        throw .malformed(what: "a table lies outside every segment")
    }

    /// Whether a note holds what `ld --build-id` writes: a name of four bytes, "GNU", and type 3.
    func hasBuildID(_ bytes: ElfBytes) throws(Rejection) -> Bool {
        for segment in notes {
            var place = segment.offset
            while place + 12 <= segment.offset + segment.fileSize {
                let name = UInt64(try bytes.integer(at: place, as: UInt32.self))
                let content = UInt64(try bytes.integer(at: place + 4, as: UInt32.self))
                if try bytes.integer(at: place + 8, as: UInt32.self) == 3, bytes.holds("GNU", at: place + 12) {
                    return true
                }
                place += 12 + (name + 3) / 4 * 4 + (content + 3) / 4 * 4
            }
        }
        return false
    }

    /// Says what the whole file needs, not only the first part that is missing.
    private static func demandEnd(
        _ bytes: ElfBytes, header: ElfHeader, segments: [ElfSegment]
    ) throws(Rejection) {
        var needs: UInt64 = 0
        for segment in segments where segment.type == loadType || segment.type == dynamicType {
            guard let end = ElfBytes.sum(segment.offset, segment.fileSize) else {
                throw .malformed(what: "a segment is larger than any file")
            }
            needs = max(needs, end)
        }
        if header.sectionOffset > 0, let end = ElfBytes.sum(header.sectionOffset, header.sectionCount * 64) {
            needs = max(needs, end)
        }
        try bytes.demand(0, needs)
    }

    private static let loadType: UInt32 = 1
    private static let dynamicType: UInt32 = 2
    private static let noteType: UInt32 = 4
    private static let stackType: UInt32 = 0x6474_e551
    private static let relocationsType: UInt32 = 0x6474_e552
}
