/// The entries of a library's dynamic section that matter here. Addresses are as in the loaded library.
struct ElfDynamic {
    private(set) var needed: [UInt64] = []
    private(set) var runpaths: [UInt64] = []
    private(set) var hasTextRelocations = false
    private(set) var versionNeeds: (address: UInt64, count: UInt64)?
    private(set) var versionDefinitions: (address: UInt64, count: UInt64)?
    /// The loader resolves everything when it loads the library, not bit by bit later.
    private(set) var bindsNow = false
    private var values: [Int64: UInt64] = [:]

    init(_ bytes: ElfBytes, segment: ElfSegment) throws(Rejection) {
        for row in 0..<segment.fileSize / 16 {
            guard row < Self.mostRows else {
                throw .tablesTooLarge(what: "the dynamic section has more than \(Self.mostRows) rows")
            }
            let tag: Int64 = try bytes.integer(at: segment.offset + row * 16)
            if tag == Tag.end { break }
            take(tag, try bytes.integer(at: segment.offset + row * 16 + 8))
        }
        if let address = values[Tag.versionNeeds], let count = values[Tag.versionNeedCount] {
            versionNeeds = (address, count)
        }
        if let address = values[Tag.versionDefinitions], let count = values[Tag.versionDefinitionCount] {
            versionDefinitions = (address, count)
        }
        bindsNow =
            values[Tag.bindNow] != nil || (values[Tag.flags] ?? 0) & 8 != 0 || (values[Tag.flags1] ?? 0) & 1 != 0
    }

    /// Where the version of each symbol is.
    var symbolVersions: UInt64? { values[Tag.symbolVersions] }

    /// Functions that run when the library is loaded, before its entry is called.
    var constructors: Int {
        Int(clamping: (values[Tag.initArraySize] ?? 0) / 8) + (values[Tag.initialiser] == nil ? 0 : 1)
    }

    private mutating func take(_ tag: Int64, _ value: UInt64) {
        switch tag {
        case Tag.needed: needed.append(value)
        case Tag.rpath, Tag.runpath: runpaths.append(value)
        case Tag.textRelocations: hasTextRelocations = true
        case Tag.flags:
            hasTextRelocations = hasTextRelocations || value & 4 != 0
            values[tag] = value
        default: values[tag] = value
        }
    }

    /// The table of names: where in the file it starts and ends.
    func names(_ bytes: ElfBytes, _ segments: ElfSegments) throws(Rejection) -> Range<UInt64> {
        guard let address = values[Tag.names], let size = values[Tag.namesSize] else {
            throw .malformed(what: "it has no table of names")
        }
        let start = try segments.offset(of: address)
        try bytes.demand(start, size)
        return start..<(start + size)
    }

    /// The dynamic symbols: where in the file they start, and how many there are.
    func symbols(_ bytes: ElfBytes, _ segments: ElfSegments) throws(Rejection) -> (start: UInt64, count: UInt64) {
        guard let address = values[Tag.symbols] else { throw .malformed(what: "it has no symbols") }
        let start = try segments.offset(of: address)
        let count = try symbolCount(bytes, segments)
        try bytes.demandTable(at: start, rows: count, size: ElfSymbol.size)
        return (start, count)
    }

    /// Only the hash tables tell how many symbols there are.
    private func symbolCount(_ bytes: ElfBytes, _ segments: ElfSegments) throws(Rejection) -> UInt64 {
        if let address = values[Tag.hash] {
            return UInt64(try bytes.integer(at: try segments.offset(of: address) + 4, as: UInt32.self))
        }
        guard let address = values[Tag.gnuHash] else { throw .malformed(what: "its symbols cannot be looked up") }
        return try Self.countByGNUHash(bytes, at: try segments.offset(of: address))
    }

    /// The last chain starts at the highest bucket and ends at the first odd hash.
    private static func countByGNUHash(_ bytes: ElfBytes, at start: UInt64) throws(Rejection) -> UInt64 {
        let bucketCount = UInt64(try bytes.integer(at: start, as: UInt32.self))
        let firstSymbol = UInt64(try bytes.integer(at: start + 4, as: UInt32.self))
        let bloomWords = UInt64(try bytes.integer(at: start + 8, as: UInt32.self))
        let buckets = start + 16 + bloomWords * 8
        try bytes.demandTable(at: buckets, rows: bucketCount, size: 4)
        var last: UInt64 = 0
        for bucket in 0..<bucketCount {
            last = max(last, UInt64(try bytes.integer(at: buckets + bucket * 4, as: UInt32.self)))
        }
        guard last >= firstSymbol else { return firstSymbol }
        let chains = buckets + bucketCount * 4
        while try bytes.integer(at: chains + (last - firstSymbol) * 4, as: UInt32.self) & 1 == 0 { last += 1 }
        return last + 1
    }

    private static let mostRows = 4096 as UInt64

    private enum Tag {
        static let end: Int64 = 0
        static let needed: Int64 = 1
        static let hash: Int64 = 4
        static let names: Int64 = 5
        static let initialiser: Int64 = 12
        static let symbols: Int64 = 6
        static let namesSize: Int64 = 10
        static let rpath: Int64 = 15
        static let textRelocations: Int64 = 22
        static let bindNow: Int64 = 24
        static let initArraySize: Int64 = 27
        static let runpath: Int64 = 29
        static let flags: Int64 = 30
        static let gnuHash: Int64 = 0x6fff_fef5
        static let symbolVersions: Int64 = 0x6fff_fff0
        static let flags1: Int64 = 0x6fff_fffb
        static let versionDefinitions: Int64 = 0x6fff_fffc
        static let versionDefinitionCount: Int64 = 0x6fff_fffd
        static let versionNeeds: Int64 = 0x6fff_fffe
        static let versionNeedCount: Int64 = 0x6fff_ffff
    }
}
