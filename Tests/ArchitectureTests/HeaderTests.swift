import Foundation
import TestSupport
import Testing

/// The plugin header is complete by itself in every dialect that outside teams compile it with.
struct HeaderTests {
    @Test(arguments: [
        ["cc", "-x", "c", "-std=c11"], ["cc", "-x", "c", "-std=c99"],
        ["c++", "-x", "c++", "-std=c++17"], ["c++", "-x", "c++", "-std=c++11"],
    ])
    func `compiles alone without warnings`(compiler: [String]) async throws {
        let source = FileManager.default.temporaryDirectory.appendingPathComponent("header-\(UUID().uuidString).c")
        try Data("#include \"berth_plugin.h\"\n".utf8).write(to: source)
        defer { try? FileManager.default.removeItem(at: source) }
        let flags = ["-Wall", "-Wextra", "-pedantic", "-Werror", "-fsyntax-only", "-ISources/CBerthPlugin/include"]
        let compiled = try await Shell.run(compiler + flags + [source.path])
        #expect(compiled.status == 0, "\(compiled.errors)")
    }

    /// One tag for each function pointer: thread role in brackets, right above it.
    @Test func `every function pointer says its thread`() throws {
        let header = try String(
            contentsOf: Checkout.root.appendingPathComponent("Sources/CBerthPlugin/include/berth_plugin.h"),
            encoding: .utf8)
        var comment = ""
        for line in header.split(separator: "\n", omittingEmptySubsequences: false) {
            let text = line.trimmingCharacters(in: .whitespaces)
            if text.hasPrefix("/*") || text.hasPrefix("*") { comment += text }
            if text.contains("(*") && line.hasPrefix("    ") && !text.hasPrefix("*") && !text.hasPrefix("/*") {
                #expect(
                    ["[run]", "[any]", "[load]", "[callback]"].contains { comment.contains($0) },
                    "no thread role: \(text)")
            }
            if text.isEmpty { comment = "" }
        }
    }
}
