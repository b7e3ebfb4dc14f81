@testable import PluginCatalog

/// A library of nothing but tables, each as bad as the format allows.
struct ForgedLibrary {
    /// Symbols that are looked for elsewhere, each with a name of up to 4 KiB that is a part of the others'.
    var symbols = 1
    /// Rows of the section table, each of which says that the whole file is a table of symbols.
    var sections = 0
    /// Segments, each of which says that the same 256 KiB are notes.
    var notes = 0
    /// Libraries that are asked for.
    var libraries = 0
    /// Rows of the dynamic section that mean nothing.
    var idleRows = 0

    private static let namesSize = 1 << 20

    var bytes: [UInt8] {
        let dynamicAt = 64 + (3 + notes) * 56
        let dynamicSize = (6 + libraries + idleRows) * 16
        let symbolsAt = dynamicAt + dynamicSize
        let hashAt = symbolsAt + symbols * 24, namesAt = hashAt + 16
        let sectionsAt = namesAt + Self.namesSize, notesAt = sectionsAt + sections * 64
        let notesSize = notes == 0 ? 0 : 256 << 10, total = notesAt + notesSize
        var file = ForgedBytes(count: total)
        putHeader(in: &file, sectionsAt: sectionsAt)
        file.segment(0, type: 1, flags: 5, at: 0, size: total)
        file.segment(1, type: 2, flags: 6, at: dynamicAt, size: dynamicSize)
        file.segment(2, type: 0x6474_e551, flags: 6, at: 0, size: 0)
        for row in 0..<notes { file.segment(3 + row, type: 4, flags: 4, at: notesAt, size: notesSize) }
        let fixed = [(5, namesAt), (10, Self.namesSize), (6, symbolsAt), (11, 24), (4, hashAt)]
        let rows = fixed + Array(repeating: (1, 1), count: libraries) + (0..<idleRows).map { (1000 + $0, 0) }
        for (row, (tag, value)) in rows.enumerated() {
            file.put([UInt64(tag), UInt64(value)], at: dynamicAt + row * 16)
        }
        for row in 1..<symbols {
            file.put([UInt32(row * 5 % (Self.namesSize - 8) + 1), 0x12], at: symbolsAt + row * 24)
        }
        file.put([1, UInt32(symbols)], at: hashAt)
        file.fillNames(namesAt, Self.namesSize)
        for row in 0..<sections {
            file.put([UInt32(0), 2], at: sectionsAt + row * 64)
            file.put([UInt64(0), UInt64(total)], at: sectionsAt + row * 64 + 24)
        }
        return file.bytes
    }

    private func putHeader(in file: inout ForgedBytes, sectionsAt: Int) {
        file.put([UInt32(0x464c_457f), 0x0001_0102], at: 0)
        file.put([UInt16(3), ElfMachine.host.code], at: 16)
        file.put([UInt64(64), UInt64(sections == 0 ? 0 : sectionsAt)], at: 32)
        file.put([UInt16(64), 56, UInt16(3 + notes), 64, UInt16(sections), 0], at: 52)
    }
}

private struct ForgedBytes {
    private(set) var bytes: [UInt8]

    init(count: Int) {
        bytes = [UInt8](repeating: 0, count: count)
    }

    mutating func put(_ values: [some FixedWidthInteger], at place: Int) {
        bytes.withUnsafeMutableBytes { buffer in
            var place = place
            for value in values {
                buffer.storeBytes(of: value.littleEndian, toByteOffset: place, as: type(of: value))
                place += MemoryLayout.size(ofValue: value)
            }
        }
    }

    mutating func segment(_ row: Int, type: UInt32, flags: UInt32, at place: Int, size: Int) {
        put([type, flags], at: 64 + row * 56)
        put([place, place, place, size, size, 4096].map(UInt64.init), at: 64 + row * 56 + 8)
    }

    /// Names of 4 KiB, one after the other.
    mutating func fillNames(_ place: Int, _ size: Int) {
        bytes.withUnsafeMutableBytes { buffer in
            for index in 0..<size { buffer[place + index] = index % 4096 == 4095 ? 0 : UInt8(33 + index * 7 % 90) }
            buffer[place] = 0
        }
    }
}
