import Foundation
import PluginCheck
import TestSupport
import Testing

/// docs/checks.md is the list of checks there are.
struct CheckDocumentTests {
    @Test func `every check stands in the document as it is`() throws {
        let document = try String(contentsOf: Checkout.root.appendingPathComponent("docs/checks.md"), encoding: .utf8)
        let rows = document.split(separator: "\n").filter { $0.hasPrefix("| `") }.map(String.init)
        let wanted = Check.allCases.map {
            "| `\($0.name)` | \($0.level.rawValue) | \(Self.cell($0.meaning)) | \(Self.cell($0.remedy)) |"
        }
        for row in wanted where !rows.contains(row) { Issue.record("docs/checks.md lacks: \(row)") }
        #expect(rows.count == wanted.count)
    }

    @Test func `every check says what it means and what to do`() {
        for check in Check.allCases {
            #expect(check.meaning.count > 10 && check.remedy.count > 10, "\(check.name)")
        }
        #expect(Set(Check.allCases.map(\.remedy)).count == Check.allCases.count)
    }

    private static func cell(_ text: String) -> String { text.replacing("|", with: "\\|") }
}
