/// A symbol table's row.
struct ElfSymbol {
    static let size: UInt64 = 24

    let name: UInt64
    private let info: UInt8
    private let other: UInt8
    private let section: UInt16

    init(_ bytes: ElfBytes, at offset: UInt64) throws(Rejection) {
        name = UInt64(try bytes.integer(at: offset, as: UInt32.self))
        info = try bytes.integer(at: offset + 4)
        other = try bytes.integer(at: offset + 5)
        section = try bytes.integer(at: offset + 6)
    }

    var isDefined: Bool { section != 0 }
    var isWeak: Bool { info >> 4 == 2 }
    var isFunction: Bool { info & 15 == 2 || info & 15 == 10 }
    /// Global, weak or unique, and default or protected.
    var isVisible: Bool { [1, 2, 10].contains(info >> 4) && (other & 3 == 0 || other & 3 == 3) }
}

/// How a library offers the entry.
package enum ElfEntry: Hashable, Sendable {
    case exported, hidden, notAFunction, undefined, missing
    case otherMajor([String])
}

extension ElfEntry {
    /// Looks among the dynamic symbols, and for the sake of a better sentence among the local ones.
    static func find(
        _ bytes: ElfBytes, header: ElfHeader, symbols: (start: UInt64, count: UInt64), names: Range<UInt64>
    ) throws(Rejection) -> ElfEntry {
        var others: [String] = []
        for row in 0..<symbols.count {
            let symbol = try ElfSymbol(bytes, at: symbols.start + row * ElfSymbol.size)
            guard let place = ElfBytes.sum(names.lowerBound, symbol.name), place < names.upperBound else { continue }
            if bytes.holds("berth_plugin_v1", at: place) { return judge(symbol) }
            if symbol.isDefined, others.count < 4, let name = otherMajor(bytes, at: place, end: names.upperBound) {
                others.append(name)
            }
        }
        if !others.isEmpty { return .otherMajor(others) }
        return inFullTables(bytes, header: header) ?? .missing
    }

    private static func judge(_ symbol: ElfSymbol) -> ElfEntry {
        if !symbol.isDefined { return .undefined }
        if !symbol.isVisible { return .hidden }
        return symbol.isFunction ? .exported : .notAFunction
    }

    private static func otherMajor(_ bytes: ElfBytes, at place: UInt64, end: UInt64) -> String? {
        guard (try? bytes.integer(at: place, as: UInt32.self)) == 0x7472_6562 else { return nil }  // "bert"
        guard let name = try? bytes.text(at: place, end: end), name.hasPrefix("berth_plugin_v") else { return nil }
        return name
    }

    /// What the section table's symbol tables, if it was not stripped of them, know of the entry. They list local symbols
    /// too, and those of a library that exports nothing. Damage there is of no interest.
    private static func inFullTables(_ bytes: ElfBytes, header: ElfHeader) -> ElfEntry? {
        for row in 0..<header.sectionCount {
            let section = header.sectionOffset &+ row * 64
            let type = try? bytes.integer(at: section &+ 4, as: UInt32.self)
            guard type == 2 || type == 11 else { continue }
            if let found = try? inTable(bytes, header: header, table: section) { return found }
        }
        return nil
    }

    private static func inTable(
        _ bytes: ElfBytes, header: ElfHeader, table: UInt64
    ) throws(Rejection) -> ElfEntry? {
        let start = try bytes.integer(at: table &+ 24, as: UInt64.self)
        let size = try bytes.integer(at: table &+ 32, as: UInt64.self)
        let link = UInt64(try bytes.integer(at: table &+ 40, as: UInt32.self))
        try bytes.demand(start, size)
        let names = try bytes.integer(at: header.sectionOffset &+ link * 64 &+ 24, as: UInt64.self)
        for row in 0..<size / ElfSymbol.size {
            let symbol = try ElfSymbol(bytes, at: start + row * ElfSymbol.size)
            guard bytes.holds("berth_plugin_v1", at: names &+ symbol.name) else { continue }
            return symbol.isDefined ? .hidden : .undefined
        }
        return nil
    }
}
