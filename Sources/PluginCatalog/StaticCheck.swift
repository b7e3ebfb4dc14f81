import Glibc

/// Judges a library by its tables and by what this machine has. Runs none of its code.
struct StaticCheck: Sendable {
    var machine = ElfMachine.host
    var libc = LibcVersion.host
    var libraries = InstalledLibraries()

    /// The facts of a library that may be probed, or why it may not.
    func judge(
        _ buffer: UnsafeRawBufferPointer, budget: ElfBudget = ElfBudget()
    ) throws(Rejection) -> ElfFacts {
        let facts = try ElfFacts.read(buffer, machine: machine, budget: budget)
        if facts.executableStack { throw .executableStack }
        if facts.textRelocations { throw .textRelocations }
        if facts.writableCode { throw .writableCode }
        try judgeEntry(facts.entry)
        try judgeVersions(facts.versionNeeds.map(\.version))
        for folder in facts.runpaths { try judge(runpath: folder) }
        for need in facts.needed where libraries.path(of: need, runpaths: facts.runpaths) == nil {
            throw .libraryMissing(name: need)
        }
        let reading = ElfBudget(limit: ElfBudget.libraries)
        for need in facts.versionNeeds { try judge(need, runpaths: facts.runpaths, reading) }
        let missing = libraries.unresolved(facts.undefined, needed: facts.needed, runpaths: facts.runpaths, reading)
        if !missing.isEmpty { throw .symbolsMissing(names: missing.sorted(), libraries: facts.needed) }
        return facts
    }

    /// Whoever can write to a folder that is searched can run code in the guest.
    private func judge(runpath folder: String) throws(Rejection) {
        guard !folder.hasPrefix("$ORIGIN"), !folder.hasPrefix("${ORIGIN}") else { return }
        guard folder.hasPrefix("/") else { throw .runpathRelative(folder: folder) }
        guard let stamp = FileStamp(path: folder), stamp.isFolder, stamp.mode & S_IWOTH != 0 else { return }
        throw .runpathOpen(folder: folder)
    }

    /// The C library is judged by its number, which is the better sentence.
    private func judge(_ need: ElfVersionNeed, runpaths: [String], _ budget: ElfBudget) throws(Rejection) {
        guard LibcVersion(symbolVersion: need.version) == nil,
            let path = libraries.path(of: need.library, runpaths: runpaths)
        else { return }
        let provided = libraries.versions(of: path, budget)
        // One that names no versions at all takes everything.
        guard !provided.isEmpty, !provided.contains(need.version) else { return }
        throw .newerLibrary(name: need.library, needs: need.version, has: need.newest(in: provided))
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

extension ElfVersionNeed {
    /// The highest version of the same family that is there: `GLIBCXX_3.4.30` for a need of `GLIBCXX_3.4.32`.
    fileprivate func newest(in provided: Set<String>) -> String? {
        guard let family = version.split(separator: "_").first else { return nil }
        func numbers(_ name: String) -> [Int] {
            name.dropFirst(family.count + 1).split(separator: ".").map { Int($0) ?? 0 }
        }
        return provided.filter { $0.hasPrefix("\(family)_") && $0.dropFirst(family.count + 1).first?.isNumber == true }
            .max { numbers($0).lexicographicallyPrecedes(numbers($1)) }
    }
}
