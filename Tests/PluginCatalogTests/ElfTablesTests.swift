import Foundation
import Testing

@testable import PluginCatalog

/// Files whose tables are made to be read for ever.
struct ElfTablesTests {
    /// What loops that pass over damage may still do when the budget is spent: a look at each row of the largest table.
    static let slack = 1 << 18

    @Test func `Names that overlap are read up to a bound`() throws {
        try expectRefusal(ForgedLibrary(symbols: 1 << 14))
    }

    @Test func `Sections that each name the whole file are read up to a bound`() throws {
        try expectRefusal(ForgedLibrary(sections: 4000), limit: 1 << 18)
    }

    @Test func `Notes that are the same for many segments are read up to a bound`() throws {
        try expectRefusal(ForgedLibrary(notes: 500), limit: 1 << 18)
    }

    @Test func `A dynamic section of many rows is refused, and so is asking for many libraries`() throws {
        try expectRefusal(ForgedLibrary(idleRows: 5000), "more than 4096 rows")
        try expectRefusal(ForgedLibrary(libraries: 257), "257 libraries are asked for, 256 may be")
    }

    @Test func `A forged library that a plugin asks for is read up to a bound, and harms no other one`() throws {
        let path = "/tmp/berth-forged-\(UUID().uuidString).so"
        try Data(ForgedLibrary(symbols: 1 << 14).bytes).write(to: URL(fileURLWithPath: path))
        defer { try? FileManager.default.removeItem(atPath: path) }
        let libraries = InstalledLibraries()
        let budget = ElfBudget(limit: ElfBudget.libraries)
        let missing = libraries.unresolved(["nobody_has_this"], needed: [path], runpaths: [], budget)
        #expect(missing.isEmpty, "what cannot be read cannot be told")
        #expect(budget.spent <= ElfBudget.file + Self.slack)
        let again = ElfBudget(limit: ElfBudget.libraries)
        _ = libraries.unresolved(["nobody_has_this"], needed: [path], runpaths: [], again)
        #expect(again.spent == 0, "what a library offers is remembered")
        #expect(libraries.unresolved(["nobody_has_this"], needed: [], runpaths: []) == ["nobody_has_this"])
    }

    @Test func `A library that found the budget spent by others is read when a plugin asks for it alone`() {
        let libraries = InstalledLibraries()
        let spent = ElfBudget(limit: 1000)
        #expect(libraries.unresolved(["nobody_has_this"], needed: [], runpaths: [], spent).isEmpty)
        #expect(libraries.unresolved(["nobody_has_this"], needed: [], runpaths: []) == ["nobody_has_this"])
    }

    private func expectRefusal(
        _ forged: ForgedLibrary, _ sentence: String? = nil, limit: Int = ElfBudget.file,
        sourceLocation: SourceLocation = #_sourceLocation
    ) throws {
        let budget = ElfBudget(limit: limit)
        let verdict = forged.bytes.withUnsafeBytes { buffer in
            Result { () throws(Rejection) in try StaticCheck().judge(buffer, budget: budget) }
        }
        guard case .failure(let rejection) = verdict else {
            Issue.record("taken for good", sourceLocation: sourceLocation)
            return
        }
        let expected = sentence ?? "reading them takes more than \(limit) steps"
        #expect(rejection.sentence.contains(expected), sourceLocation: sourceLocation)
        #expect(budget.spent <= limit + Self.slack, sourceLocation: sourceLocation)
    }
}
