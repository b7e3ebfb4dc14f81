import Glibc

/// Judges a library by its tables and by what this machine has. Runs none of its code.
struct StaticCheck: Sendable {
    var machine = ElfMachine.host
    var libc = LibcVersion.host
    var libraries = InstalledLibraries()

    /// The facts of a library that may be probed, or why it may not.
    func judge(_ buffer: UnsafeRawBufferPointer) throws(Rejection) -> ElfFacts {
        let facts = try ElfFacts.read(buffer, machine: machine)
        if facts.executableStack { throw .executableStack }
        if facts.textRelocations { throw .textRelocations }
        if facts.writableCode { throw .writableCode }
        try judgeEntry(facts.entry)
        try judgeVersions(facts.versions)
        if let missing = facts.needed.first(where: { !libraries.has($0, runpaths: facts.runpaths) }) {
            throw .libraryMissing(name: missing)
        }
        return facts
    }

    private func judgeEntry(_ entry: ElfEntry) throws(Rejection) {
        switch entry {
        case .exported: return
        case .hidden: throw .entryHidden
        case .notAFunction: throw .entryNotAFunction
        case .undefined: throw .entryUndefined
        case .missing: throw .entryMissing
        case .otherMajor(let names): throw .entryOfOtherMajor(names: names)
        }
    }

    private func judgeVersions(_ versions: [String]) throws(Rejection) {
        guard let newest = versions.compactMap(LibcVersion.init(symbolVersion:)).max(), let libc, newest > libc else {
            return
        }
        throw .newerLibc(needs: newest.description, host: libc.description)
    }
}
