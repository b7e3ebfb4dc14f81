import Foundation
import TestSupport
import Testing

/// What the README shows is what works.
struct ReadmeTests {
    @Test func `the plugin in C compiles without warnings and exports its entry alone`() async throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("readme-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        try Data(Self.block("c").utf8).write(to: folder.appendingPathComponent("plugin.c"))
        let include = Checkout.root.appendingPathComponent("Sources/CBerthPlugin/include").path
        let compiled = try await Shell.run(
            "cc", "-std=c11", "-Wall", "-Wextra", "-Werror", "-fPIC", "-shared", "-fvisibility=hidden", "-I", include,
            "-o", "plugin.so", "plugin.c", in: folder)
        #expect(compiled.status == 0, "\(compiled.errors)")
        let exported = try await Shell.run("nm", "-D", "--defined-only", "plugin.so", in: folder).output
        #expect(exported.split(separator: "\n").count == 1)
        #expect(exported.contains(" T berth_plugin_v1"))
    }

    @Test func `the plugin in Swift is the template's`() throws {
        let template = Checkout.root.appendingPathComponent(
            "plugin-template/swift/Sources/PluginName/PluginName.swift")
        let source = try String(contentsOf: template, encoding: .utf8).replacing("plugin-name", with: "mine")
        #expect(try Self.block("swift") == source)
    }

    @Test(arguments: ["c", "swift"])
    func `a plugin is shorter than thirty lines`(language: String) throws {
        #expect(try Self.block(language).split(separator: "\n", omittingEmptySubsequences: false).count <= 30)
    }

    @Test(arguments: ["README.md", "docs/seed-coverage.md", "docs/protocol-coverage.md"])
    func `every test it names is there`(document: String) throws {
        let text = try Self.text(document)
        let named = Set(text.matches(of: /`([A-Za-z]+Tests)`/).map { String($0.output.1) })
        #expect(!named.isEmpty)
        let tests = FileManager.default.enumerator(
            at: Checkout.root.appendingPathComponent("Tests"), includingPropertiesForKeys: nil)
        let files = (tests?.compactMap { $0 as? URL } ?? []).filter { $0.pathExtension == "swift" }
        let found = Dictionary(
            files.map { ($0.deletingPathExtension().lastPathComponent, $0) }, uniquingKeysWith: { one, _ in one })
        #expect(named.subtracting(found.keys).isEmpty)
        for test in text.matches(of: /`([A-Za-z]+Tests)` "([^"]+)"/) {
            let suite = try #require(found[String(test.output.1)])
            let source = try String(contentsOf: suite, encoding: .utf8)
            #expect(source.contains("`\(test.output.2)`"), "\(test.output.0)")
        }
    }

    private static func text(_ document: String = "README.md") throws -> String {
        try String(contentsOf: Checkout.root.appendingPathComponent(document), encoding: .utf8)
    }

    private static func block(_ language: String) throws -> String {
        let after = try #require(text().components(separatedBy: "```\(language)\n").dropFirst().first)
        return try #require(after.components(separatedBy: "```").first)
    }
}
