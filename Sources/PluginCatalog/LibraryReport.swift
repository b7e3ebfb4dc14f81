import Foundation

/// What of a library's file matters to whoever is about to ship it, beyond what the catalog asks.
package struct LibraryReport: Sendable {
    package var facts: ElfFacts
    /// Names of the functions and data it shows to others.
    package var exported: Set<String>
    /// Names it has to find in other libraries, without those it can do without.
    package var undefined: Set<String>
    package var hasBuildID: Bool
    /// Tables are made read-only after the load.
    package var hasReadOnlyRelocations: Bool
    /// Every symbol is bound at the load, so that a missing one shows at once.
    package var bindsNow: Bool
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
        let segments = try ElfSegments(bytes, header: try ElfHeader(bytes, machine: .host))
        let dynamic = try ElfDynamic(bytes, segment: segments.dynamic)
        (exported, undefined) = try Self.symbols(bytes, segments, dynamic)
        hasBuildID = try segments.hasBuildID(bytes)
        hasReadOnlyRelocations = segments.hasReadOnlyRelocations
        bindsNow = dynamic.bindsNow
        do throws(Rejection) {
            _ = try StaticCheck().judge(buffer)
        } catch {
            rejection = error
        }
    }

    private static func symbols(
        _ bytes: ElfBytes, _ segments: ElfSegments, _ dynamic: ElfDynamic
    ) throws(Rejection) -> (exported: Set<String>, undefined: Set<String>) {
        let names = try dynamic.names(bytes, segments)
        let table = try dynamic.symbols(bytes, segments)
        var exported: Set<String> = []
        var undefined: Set<String> = []
        for row in 1..<max(1, table.count) {
            let symbol = try ElfSymbol(bytes, at: table.start + row * ElfSymbol.size)
            guard symbol.isVisible, let place = ElfBytes.sum(names.lowerBound, symbol.name) else { continue }
            let name = try bytes.text(at: place, end: names.upperBound)
            if symbol.isDefined { exported.insert(name) } else if !symbol.isWeak { undefined.insert(name) }
        }
        return (exported, undefined)
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
