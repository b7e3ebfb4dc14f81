import Foundation
import TestSupport
import Testing

/// The table of attacks is complete, and what it says shows each of them is there.
struct HostileTableTests {
    @Test func `every attack that is tried is in the table, and every fixture is tried`() throws {
        let named = Set(try Self.rows().flatMap { $0.attack.matches(of: /`([a-z0-9-]+)`/).map { String($0.output.1) } })
        let tried = (HostileCase.all + HostileCase.heldByGroups).map(\.component)
        #expect(Set(tried).subtracting(named) == [])
        #expect(Set(tried).count == tried.count)
        let fixture = try Self.text("Tests/Fixtures/hostile.c")
        let made = fixture.matches(of: /COMPONENT\(\w+, "([a-z0-9-]+)"/).map { String($0.output.1) }
        #expect(!made.isEmpty)
        #expect(Set(made).subtracting(tried) == [])
    }

    @Test func `every test the table names is there`() throws {
        let sources = try Self.testSources()
        for row in try Self.rows() {
            let suites = row.proof.matches(of: /`([A-Za-z]+Tests)`(?: "([^"]+)")?/)
            #expect(!suites.isEmpty, "\(row.attack)")
            for suite in suites {
                let source = sources[String(suite.output.1)]
                #expect(source != nil, "\(suite.output.1)")
                if let name = suite.output.2 { #expect(source?.contains("`\(name)`") == true, "\(name)") }
            }
        }
    }

    private struct Row {
        var attack: String
        var proof: String
    }

    private static func rows() throws -> [Row] {
        let table = try #require(text("docs/hostile.md").components(separatedBy: "| Attack or fault |").last)
        return table.split(separator: "\n").dropFirst(2).filter { $0.hasPrefix("|") }.compactMap { line in
            let cells = line.split(separator: "|").map(String.init)
            return cells.count == 3 ? Row(attack: cells[0], proof: cells[2]) : nil
        }
    }

    private static func testSources() throws -> [String: String] {
        let tests = FileManager.default.enumerator(
            at: Checkout.root.appendingPathComponent("Tests"), includingPropertiesForKeys: nil)
        let files = (tests?.compactMap { $0 as? URL } ?? []).filter { $0.pathExtension == "swift" }
        return try Dictionary(
            files.map { ($0.deletingPathExtension().lastPathComponent, try String(contentsOf: $0, encoding: .utf8)) },
            uniquingKeysWith: { first, _ in first })
    }

    private static func text(_ path: String) throws -> String {
        try String(contentsOf: Checkout.root.appendingPathComponent(path), encoding: .utf8)
    }
}
