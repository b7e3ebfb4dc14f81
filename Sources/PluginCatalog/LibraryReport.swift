import Foundation

/// What of a library's file matters to whoever is about to ship it, beyond what the catalog asks.
package struct LibraryReport: Sendable {
    package var facts: ElfFacts
    /// Names of the functions and data it shows to others.
    package var exported: Set<String>
    /// Those of them that are functions and that a new program can link with: no leftovers for old ones.
    package var functions: Set<String>
    /// The description in a plugin that is made of a foreign library, JSON.
    package var foreign: [UInt8]?
    /// Names it has to find in other libraries, without those it can do without.
    package var undefined: Set<String>
    /// What the catalog of this machine would say; nil: it would take the file.
    package var rejection: Rejection?

    /// Reads the file at `path`. Runs nothing of it.
    package static func read(path: String) throws(Rejection) -> LibraryReport {
        guard let data = try? Data(contentsOf: URL(fileURLWithPath: path), options: .mappedIfSafe) else {
            throw .unreadable(reason: "it cannot be opened")
        }
        let result = data.withUnsafeBytes { buffer in
            Result { () throws(Rejection) -> LibraryReport in try LibraryReport(buffer) }
        }
        return try result.get()
    }

    private init(_ buffer: UnsafeRawBufferPointer) throws(Rejection) {
        facts = try ElfFacts.read(buffer)
        let bytes = ElfBytes(buffer)
        let header = try ElfHeader(bytes, machine: .host)
        let segments = try ElfSegments(bytes, header: header)
        let dynamic = try ElfDynamic(bytes, segment: segments.dynamic)
        let symbols = try dynamic.symbols(bytes, segments), names = try dynamic.names(bytes, segments)
        let found = try ElfSymbolNames(bytes, symbols, names)
        (exported, undefined) = (found.exported, found.undefined)
        let versions = try dynamic.symbolVersions.map { address throws(Rejection) in try segments.offset(of: address) }
        functions = try Self.functions(bytes, symbols, names, versions)
        foreign = Self.foreign(bytes, ElfSections(header))
        do throws(Rejection) {
            _ = try StaticCheck().judge(buffer)
        } catch {
            rejection = error
        }
    }

    private static func functions(
        _ bytes: ElfBytes, _ symbols: (start: UInt64, count: UInt64), _ names: Range<UInt64>, _ versions: UInt64?
    ) throws(Rejection) -> Set<String> {
        var functions: Set<String> = []
        for row in 1..<max(1, symbols.count) {
            let symbol = try ElfSymbol(bytes, at: symbols.start + row * ElfSymbol.size)
            guard symbol.isVisible, symbol.isDefined, symbol.isFunction,
                try !ElfVersions.isLeftover(bytes, row: row, of: versions),
                let place = ElfBytes.sum(names.lowerBound, symbol.name)
            else { continue }
            functions.insert(try bytes.text(at: place, end: names.upperBound))
        }
        return functions
    }

    private static func foreign(_ bytes: ElfBytes, _ sections: ElfSections) -> [UInt8]? {
        guard let row = sections.row(named: ".berth.foreign", bytes), let place = sections.range(ofRow: row, bytes),
            let text = try? bytes.copy(place.lowerBound, place.upperBound - place.lowerBound)
        else { return nil }
        return Array(text.prefix { $0 != 0 })
    }
}

extension LibraryReport {
    /// Where a library it asks for is found on this machine.
    package func path(of name: String) -> String? {
        InstalledLibraries().path(of: name, runpaths: facts.runpaths)
    }

    /// Names that neither the library nor anything it asks for defines; none where a library is missing, which is
    /// another fault.
    package func unresolved() -> Set<String> {
        InstalledLibraries().unresolved(
            undefined.subtracting(exported), needed: facts.needed, runpaths: facts.runpaths)
    }
}
