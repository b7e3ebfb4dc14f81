package import JobModel

/// What a shared library says of itself in its tables, read without mapping or running it.
package struct ElfFacts: Hashable, Sendable {
    package var entry: ElfEntry
    /// The libraries it asks the loader for.
    package var needed: [String]
    /// Folders it asks the loader to search first, as written.
    package var runpaths: [String]
    /// The symbol versions it asks of its libraries.
    package var versionNeeds: [ElfVersionNeed]
    /// Names it has to find in its libraries.
    package var undefined: Set<String>
    package var executableStack: Bool
    package var textRelocations: Bool
    package var writableCode: Bool
    package var readOnlyRelocations: Bool
    package var bindsNow: Bool
    /// In hex; nil when it has none.
    package var buildID: String?
    /// Functions that run when it is loaded.
    package var constructors: Int
    /// What it says of itself, where it says anything.
    package var manifest: PluginDescriptor?
}

extension ElfFacts {
    /// The symbol versions it asks for, such as `GLIBC_2.34`.
    package var versions: [String] { versionNeeds.map(\.version) }

    /// Reads the tables of a library for this machine. Total: any bytes give facts or a rejection.
    static func read(
        _ buffer: UnsafeRawBufferPointer, machine: ElfMachine = .host, budget: ElfBudget = ElfBudget()
    ) throws(Rejection) -> ElfFacts {
        let bytes = ElfBytes(buffer, budget: budget)
        let facts = try read(bytes, machine: machine)
        // Damage that is of no interest elsewhere was passed over, and so was the end of the budget.
        try budget.spend(0)
        return facts
    }

    private static func read(_ bytes: ElfBytes, machine: ElfMachine) throws(Rejection) -> ElfFacts {
        let header = try ElfHeader(bytes, machine: machine)
        let segments = try ElfSegments(bytes, header: header)
        let sections = ElfSections(header)
        let dynamic = try ElfDynamic(bytes, segment: segments.dynamic)
        let names = try dynamic.names(bytes, segments)
        let symbols = try dynamic.symbols(bytes, segments)
        return ElfFacts(
            entry: try ElfEntry.find(bytes, header: header, symbols: symbols, names: names),
            needed: try libraries(bytes, dynamic, in: names),
            runpaths: try folders(bytes, dynamic, in: names),
            versionNeeds: try ElfVersions.needed(bytes, segments, dynamic, names: names),
            undefined: try ElfSymbolNames(bytes, symbols, names, exported: false).undefined,
            executableStack: segments.hasExecutableStack,
            textRelocations: dynamic.hasTextRelocations,
            writableCode: segments.hasWritableCode,
            readOnlyRelocations: segments.hasReadOnlyRelocations,
            bindsNow: dynamic.bindsNow,
            buildID: buildID(bytes, segments),
            constructors: dynamic.constructors,
            manifest: try manifest(bytes, sections))
    }

    /// What a library on this machine offers and asks for; nil when its tables cannot be read.
    static func offer(_ buffer: UnsafeRawBufferPointer, budget: ElfBudget) -> LibraryOffer? {
        let bytes = ElfBytes(buffer, budget: budget)
        guard let header = try? ElfHeader(bytes, machine: .host),
            let segments = try? ElfSegments(bytes, header: header),
            let dynamic = try? ElfDynamic(bytes, segment: segments.dynamic),
            let names = try? dynamic.names(bytes, segments), let symbols = try? dynamic.symbols(bytes, segments),
            let all = try? ElfSymbolNames(bytes, symbols, names)
        else { return nil }
        let versions = try? ElfVersions.provided(bytes, segments, dynamic, names: names)
        let needed = (try? libraries(bytes, dynamic, in: names)) ?? []
        guard !budget.isSpent else { return nil }
        return LibraryOffer(exported: all.exported, needed: needed, versions: versions ?? [])
    }

    private static func manifest(_ bytes: ElfBytes, _ sections: ElfSections) throws(Rejection) -> PluginDescriptor? {
        guard let row = sections.row(named: ".berth.manifest", bytes) else { return nil }
        guard let place = sections.range(ofRow: row, bytes) else {
            throw .manifest(what: "it lies outside the file")
        }
        return try PluginManifest.decode(bytes, in: place)
    }

    /// A note of type 3 by GNU. Layout: System V ABI, "Note Section".
    private static func buildID(_ bytes: ElfBytes, _ segments: ElfSegments) -> String? {
        for segment in segments.notes {
            var place = segment.offset
            while place &+ 16 <= segment.offset &+ segment.fileSize {
                guard let nameSize = try? bytes.integer(at: place, as: UInt32.self),
                    let size = try? bytes.integer(at: place &+ 4, as: UInt32.self),
                    let type = try? bytes.integer(at: place &+ 8, as: UInt32.self)
                else { break }
                let content = place &+ 12 &+ (UInt64(nameSize) + 3) / 4 * 4
                if type == 3, nameSize == 4, bytes.holds("GNU", at: place &+ 12), size <= 64 {
                    return (try? bytes.copy(content, UInt64(size))).map(Digest.hex)
                }
                place = content &+ (UInt64(size) + 3) / 4 * 4
            }
        }
        return nil
    }

    private static func libraries(
        _ bytes: ElfBytes, _ dynamic: ElfDynamic, in names: Range<UInt64>
    ) throws(Rejection) -> [String] {
        guard dynamic.needed.count <= 256 else {
            throw .tablesTooLarge(what: "\(dynamic.needed.count) libraries are asked for, 256 may be")
        }
        return try texts(bytes, dynamic.needed, in: names)
    }

    private static func folders(
        _ bytes: ElfBytes, _ dynamic: ElfDynamic, in names: Range<UInt64>
    ) throws(Rejection) -> [String] {
        let folders = try texts(bytes, dynamic.runpaths, in: names).flatMap {
            $0.split(separator: ":").map(String.init)
        }
        guard folders.count <= 64 else {
            throw .tablesTooLarge(what: "\(folders.count) folders are to be searched for libraries, 64 may be")
        }
        return folders
    }

    private static func texts(
        _ bytes: ElfBytes, _ offsets: [UInt64], in names: Range<UInt64>
    ) throws(Rejection) -> [String] {
        var texts: [String] = []
        for offset in offsets {
            guard let place = ElfBytes.sum(names.lowerBound, offset) else {
                throw .malformed(what: "a name lies outside its table")
            }
            texts.append(try bytes.text(at: place, end: names.upperBound))
        }
        return texts
    }
}
