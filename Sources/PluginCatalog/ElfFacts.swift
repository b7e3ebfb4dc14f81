/// What a shared library says of itself in its tables, read without mapping or running it.
package struct ElfFacts: Hashable, Sendable {
    package var entry: ElfEntry
    /// The libraries it asks the loader for.
    package var needed: [String]
    /// Folders it asks the loader to search first, as written.
    package var runpaths: [String]
    /// The symbol versions it asks of its libraries, such as `GLIBC_2.34`.
    package var versions: [String]
    package var executableStack: Bool
    package var textRelocations: Bool
    package var writableCode: Bool
}

extension ElfFacts {
    /// Reads the tables of a library for this machine. Total: any bytes give facts or a rejection.
    static func read(_ buffer: UnsafeRawBufferPointer, machine: ElfMachine = .host) throws(Rejection) -> ElfFacts {
        let bytes = ElfBytes(buffer)
        let header = try ElfHeader(bytes, machine: machine)
        let segments = try ElfSegments(bytes, header: header)
        let dynamic = try ElfDynamic(bytes, segment: segments.dynamic)
        let names = try dynamic.names(bytes, segments)
        let symbols = try dynamic.symbols(bytes, segments)
        return ElfFacts(
            entry: try ElfEntry.find(bytes, header: header, symbols: symbols, names: names),
            needed: try texts(bytes, dynamic.needed, in: names),
            runpaths: try texts(bytes, dynamic.runpaths, in: names).flatMap {
                $0.split(separator: ":").map(String.init)
            },
            versions: try ElfVersions.needed(bytes, segments, dynamic, names: names),
            executableStack: segments.hasExecutableStack,
            textRelocations: dynamic.hasTextRelocations,
            writableCode: segments.hasWritableCode)
    }

    private static func texts(
        _ bytes: ElfBytes, _ offsets: [UInt64], in names: Range<UInt64>
    ) throws(Rejection) -> [String] {
        var texts: [String] = []
        for offset in offsets.prefix(1024) {
            guard let place = ElfBytes.sum(names.lowerBound, offset) else {
                throw .malformed(what: "a name lies outside its table")
            }
            texts.append(try bytes.text(at: place, end: names.upperBound))
        }
        return texts
    }
}
