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
        (exported, functions, undefined) = try Self.symbols(bytes, segments, dynamic)
        foreign = Self.foreign(bytes, ElfSections(header))
        do throws(Rejection) {
            _ = try StaticCheck().judge(buffer)
        } catch {
            rejection = error
        }
    }

    private static func symbols(
        _ bytes: ElfBytes, _ segments: ElfSegments, _ dynamic: ElfDynamic
    ) throws(Rejection) -> (exported: Set<String>, functions: Set<String>, undefined: Set<String>) {
        let names = try dynamic.names(bytes, segments)
        let table = try dynamic.symbols(bytes, segments)
        let versions = try dynamic.symbolVersions.map { address throws(Rejection) in try segments.offset(of: address) }
        var exported: Set<String> = []
        var functions: Set<String> = []
        var undefined: Set<String> = []
        for row in 1..<max(1, table.count) {
            let symbol = try ElfSymbol(bytes, at: table.start + row * ElfSymbol.size)
            guard symbol.isVisible, let place = ElfBytes.sum(names.lowerBound, symbol.name) else { continue }
            let name = try bytes.text(at: place, end: names.upperBound)
            guard symbol.isDefined else {
                if !symbol.isWeak { undefined.insert(name) }
                continue
            }
            exported.insert(name)
            guard symbol.isFunction else { continue }
            if try !ElfVersions.isLeftover(bytes, row: row, of: versions) { functions.insert(name) }
        }
        return (exported, functions, undefined)
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
        var left = undefined.subtracting(exported)
        var seen: Set<String> = []
        var waiting = facts.needed
        while !left.isEmpty, let name = waiting.popLast() {
            guard seen.insert(name).inserted else { continue }
            guard let path = path(of: name) else { return [] }
            guard let library = try? LibraryReport.read(path: path) else { continue }
            left.subtract(library.exported)
            waiting += library.facts.needed
        }
        return left
    }
}
