import JobModel
import TestSupport
import Testing

@testable import PluginCatalog

/// What the host reads of a plugin's file without loading it.
struct ElfFuzzTests {
    @Test func `Whatever lies in the folder is judged`() throws {
        let plain = try Sample.bytes("sample", "1.0.0", ["-s"])
        let descriptor = PluginDescriptor(
            id: "sample", version: "1.0.0", vendor: "", abiVersion: 1 << 16,
            components: [ComponentDescriptor(id: "noop", kind: .handler)])
        let stamped = try ElfSectionWriter.write(".berth.manifest", PluginManifest.encode(descriptor), into: plain)
        var fuzzing = try Fuzzing("elf", samples: [plain, stamped], keeping: 12)
        let (_, answers) = try fuzzing.run(count: 4000) { bytes in
            let budget = ElfBudget()
            let verdict = bytes.withUnsafeBytes { buffer in
                Result { () throws(Rejection) in try StaticCheck().judge(buffer, budget: budget) }
            }
            #expect(budget.spent <= ElfBudget.file + ElfTablesTests.slack)
            if case .success = verdict { expectEnd(of: bytes, within: budget.spent / 2) }
            switch verdict {
            case .success(let facts): return "good \(facts.entry) \(facts.constructors)"
            case .failure(let rejection): return rejection.sentence
            }
        }
        #expect(answers > 10)
    }

    /// Whichever step the budget ends at, reading ends there and says so.
    private func expectEnd(of bytes: [UInt8], within steps: Int) {
        let budget = ElfBudget(limit: steps)
        let verdict = bytes.withUnsafeBytes { buffer in
            Result { () throws(Rejection) in try ElfFacts.read(buffer, budget: budget) }
        }
        guard case .failure(.tablesTooLarge) = verdict else {
            Issue.record("read to the end within \(steps) steps: \(verdict)")
            return
        }
        #expect(budget.spent <= steps + ElfTablesTests.slack)
    }
}
