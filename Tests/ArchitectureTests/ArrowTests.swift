import Foundation
import TestSupport
import Testing

/// The arrows between modules are those that ARCHITECTURE.md draws.
struct ArrowTests {
    @Test func `the manifest has the arrows of the document and no others`() async throws {
        let drawn = try Self.drawn()
        let declared = try await Self.declared()
        for (module, arrows) in declared {
            #expect(drawn[module] == arrows, "\(module): ARCHITECTURE.md draws \(drawn[module] ?? []), not \(arrows)")
        }
        #expect(Set(drawn.keys) == Set(declared.keys))
    }

    private static func drawn() throws -> [String: Set<String>] {
        let document = try String(contentsOf: Checkout.root.appendingPathComponent("ARCHITECTURE.md"), encoding: .utf8)
        let block = try #require(document.components(separatedBy: "```arrows\n").dropFirst().first)
        let lines = try #require(block.components(separatedBy: "```").first).split(separator: "\n")
        return Dictionary(
            uniqueKeysWithValues: lines.map { line in
                let sides = line.components(separatedBy: "->")
                let targets = (sides.last ?? "").split(separator: " ").map(String.init)
                return (sides[0].trimmingCharacters(in: .whitespaces), Set(targets))
            })
    }

    private static func declared() async throws -> [String: Set<String>] {
        let scratch = FileManager.default.temporaryDirectory.appendingPathComponent(
            "berth-manifest-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: scratch) }
        let dump = try await Shell.run("swift", "package", "--scratch-path", scratch.path, "dump-package")
        let manifest = try JSONDecoder().decode(Manifest.self, from: Data(dump.output.utf8))
        let modules = manifest.targets.filter { $0.type != "test" && !($0.path ?? "").hasPrefix("Tests/") }
            .filter { !($0.path ?? "").hasPrefix("Benchmarks/") }
        return Dictionary(uniqueKeysWithValues: modules.map { ($0.name, Set($0.dependencies.compactMap(\.target))) })
    }
}

/// What of `swift package dump-package` the test reads.
private struct Manifest: Decodable {
    struct Target: Decodable {
        var name: String
        var type: String
        var path: String?
        var dependencies: [Dependency]
    }

    /// Dependencies on targets of this package are dumped as `{"byName": [name, condition]}`.
    struct Dependency: Decodable {
        var byName: [String?]?
        var target: String? { byName?.first ?? nil }
    }

    var targets: [Target]
}
