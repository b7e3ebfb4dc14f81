import Foundation

/// What of a library's file matters to whoever is about to ship it, beyond what the catalog asks.
package struct LibraryReport: Sendable {
    package var facts: ElfFacts
    /// Names of the functions and data it shows to others.
    package var exported: Set<String>
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
        let segments = try ElfSegments(bytes, header: try ElfHeader(bytes, machine: .host))
        let dynamic = try ElfDynamic(bytes, segment: segments.dynamic)
        let names = try ElfSymbolNames(
            bytes, try dynamic.symbols(bytes, segments), try dynamic.names(bytes, segments))
        (exported, undefined) = (names.exported, names.undefined)
        do throws(Rejection) {
            _ = try StaticCheck().judge(buffer)
        } catch {
            rejection = error
        }
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
