/// The section table of a library: nobody needs it to load the library, so damage there is no reason to refuse one.
struct ElfSections {
    static let rowSize: UInt64 = 64

    let start: UInt64
    let count: UInt64
    /// The row of the section that holds the names.
    let namesRow: UInt64

    init(_ header: ElfHeader) {
        start = header.sectionOffset
        count = header.sectionCount
        namesRow = header.sectionNamesRow
    }

    /// The row of the section with this name.
    func row(named name: StaticString, _ bytes: ElfBytes) -> UInt64? {
        guard let names = range(ofRow: namesRow, bytes) else { return nil }
        for row in 0..<count {
            guard let offset = try? bytes.integer(at: start &+ row * Self.rowSize, as: UInt32.self),
                UInt64(offset) < names.upperBound - names.lowerBound
            else { continue }
            if bytes.holds(name, at: names.lowerBound + UInt64(offset)) { return row }
        }
        return nil
    }

    /// Where in the file a section is; nil when it is not inside.
    func range(ofRow row: UInt64, _ bytes: ElfBytes) -> Range<UInt64>? {
        let place = start &+ row * Self.rowSize
        guard row < count, let offset = try? bytes.integer(at: place &+ 24, as: UInt64.self),
            let size = try? bytes.integer(at: place &+ 32, as: UInt64.self), let end = ElfBytes.sum(offset, size),
            end <= bytes.count
        else { return nil }
        return offset..<end
    }
}

/// Writes a section into a library that is linked already. The section is not loaded, and `strip` leaves it.
struct ElfSectionWriter {
    private var file: [UInt8]

    init(_ file: [UInt8]) {
        self.file = file
    }

    /// The file with a section of this name and content, in place of an earlier one.
    static func write(_ name: StaticString, _ content: [UInt8], into file: [UInt8]) throws(Rejection) -> [UInt8] {
        var writer = ElfSectionWriter(file)
        try writer.write(name, content)
        return writer.file
    }

    private mutating func write(_ name: StaticString, _ content: [UInt8]) throws(Rejection) {
        let (sections, known) = try Self.find(name, in: file)
        let place = append(content)
        if let known { return set(sections.start + known * ElfSections.rowSize, place, content.count) }
        try addRow(name, place, content.count, to: sections)
    }

    private static func find(
        _ name: StaticString, in file: [UInt8]
    ) throws(Rejection) -> (sections: ElfSections, row: UInt64?) {
        try withBytes(file) { bytes throws(Rejection) in
            let sections = ElfSections(try ElfHeader(bytes, machine: .host))
            return (sections, sections.row(named: name, bytes))
        }
    }

    /// A new name table and a new section table behind everything that is there.
    private mutating func addRow(
        _ name: StaticString, _ place: Int, _ size: Int, to sections: ElfSections
    ) throws(Rejection) {
        let (rows, names) = try Self.tables(of: sections, in: file)
        guard rows.count / Int(ElfSections.rowSize) < 0xfeff else { throw .malformed(what: "it has too many sections") }
        var newNames = names.isEmpty ? [0] : names
        let nameOffset = newNames.count
        name.withUTF8Buffer { newNames += Array($0) + [0] }
        let namesPlace = append(newNames)
        var table = rows
        var namesRow = Int(sections.namesRow)
        if names.isEmpty {
            // It had none at all: the first row is nobody's, the second is the names.
            table = [UInt8](repeating: 0, count: Int(ElfSections.rowSize))
            namesRow = 1
            table += Self.row(name: 0, type: 3, place: namesPlace, size: newNames.count)
        }
        table += Self.row(name: nameOffset, type: 1, place: place, size: size)
        let tablePlace = append(table)
        set(UInt64(tablePlace + namesRow * Int(ElfSections.rowSize)), namesPlace, newNames.count)
        put(UInt64(tablePlace), at: 40)
        put(UInt16(ElfSections.rowSize), at: 58)
        put(UInt16(table.count / Int(ElfSections.rowSize)), at: 60)
        put(UInt16(namesRow), at: 62)
    }

    /// The rows and the names there are; empty where there is no usable section table.
    private static func tables(
        of sections: ElfSections, in file: [UInt8]
    ) throws(Rejection) -> (rows: [UInt8], names: [UInt8]) {
        try withBytes(file) { bytes throws(Rejection) in
            guard sections.count > 0, let names = sections.range(ofRow: sections.namesRow, bytes), !names.isEmpty else {
                return ([], [])
            }
            return (
                try bytes.copy(sections.start, sections.count * ElfSections.rowSize),
                try bytes.copy(names.lowerBound, names.upperBound - names.lowerBound)
            )
        }
    }

    private static func withBytes<Value>(
        _ file: [UInt8], _ body: (ElfBytes) throws(Rejection) -> Value
    ) throws(Rejection) -> Value {
        let result = file.withUnsafeBytes { buffer in
            Result { () throws(Rejection) in try body(ElfBytes(buffer)) }
        }
        return try result.get()
    }

    private static func row(name: Int, type: UInt32, place: Int, size: Int) -> [UInt8] {
        var row: [UInt8] = []
        row.append(littleEndian: UInt32(name))
        row.append(littleEndian: type)
        // Flags, address, offset, size, link and info, alignment, size of an entry.
        for number in [0, 0, place, size, 0, 8, 0] {
            row.append(littleEndian: UInt64(number))
        }
        return row
    }

    private mutating func append(_ bytes: [UInt8]) -> Int {
        file += [UInt8](repeating: 0, count: (8 - file.count % 8) % 8)
        defer { file += bytes }
        return file.count
    }

    /// Where a row's section is.
    private mutating func set(_ row: UInt64, _ place: Int, _ size: Int) {
        put(UInt64(place), at: Int(row) + 24)
        put(UInt64(size), at: Int(row) + 32)
    }

    private mutating func put(_ value: some FixedWidthInteger, at offset: Int) {
        withUnsafeBytes(of: value.littleEndian) { file.replaceSubrange(offset..<offset + $0.count, with: $0) }
    }
}
