import CPluginTemplate
import Foundation
import Testing

/// The files that travel inside the executable are those of the folder.
struct TemplateTableTests {
    @Test func `every file of every template is embedded as it is`() throws {
        let templates = checkout.appendingPathComponent("plugin-template")
        let embedded = Dictionary(uniqueKeysWithValues: table().map { ("\($0.folder)/\($0.path)", $0) })
        let paths = try files(in: templates).filter { $0.contains("/") }
        #expect(Set(embedded.keys).subtracting(["/berth_plugin.h"]) == Set(paths), "make templates")
        for path in paths {
            let file = templates.appendingPathComponent(path)
            #expect(try embedded[path]?.bytes == Data(contentsOf: file), "\(path): make templates")
            #expect(embedded[path]?.isExecutable == FileManager.default.isExecutableFile(atPath: file.path), "\(path)")
        }
    }

    @Test func `the header stands alone too`() throws {
        let header = checkout.appendingPathComponent("Sources/CBerthPlugin/include/berth_plugin.h")
        let alone = try #require(table().first { $0.folder.isEmpty })
        #expect(alone.path == "berth_plugin.h")
        #expect(try alone.bytes == Data(contentsOf: header))
    }

    @Test(arguments: ["c", "cpp", "rust", "swift"])
    func `a project is named by the placeholder`(language: String) {
        let texts = table().filter { $0.folder == language }.map { String(decoding: $0.bytes, as: UTF8.self) }
        #expect(texts.contains { $0.contains("plugin-name") })
    }

    private let checkout = URL(fileURLWithPath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

    private struct Entry {
        let folder: String
        let path: String
        let bytes: Data
        let isExecutable: Bool
    }

    private func table() -> [Entry] {
        var count = 0
        let files = UnsafeBufferPointer(start: berth_templates(&count), count: count)
        return files.map {
            Entry(
                folder: String(cString: $0.folder), path: String(cString: $0.path),
                bytes: Data(bytes: $0.bytes, count: $0.length), isExecutable: $0.executable != 0)
        }
    }

    /// Everything that is not built: paths below the folder.
    private func files(in folder: URL) throws -> [String] {
        let built = [".build", "build", ".swiftpm", "target"]
        return try FileManager.default.subpathsOfDirectory(atPath: folder.path).filter { path in
            let parts = path.split(separator: "/").map(String.init)
            var isFolder: ObjCBool = false
            let full = folder.appendingPathComponent(path).path
            let exists = FileManager.default.fileExists(atPath: full, isDirectory: &isFolder)
            return exists && !isFolder.boolValue && !parts.contains(where: built.contains)
                && !path.hasSuffix(".so") && !path.hasSuffix(".part") && !path.hasSuffix("Package.resolved")
                && !path.hasSuffix("Cargo.lock")
        }
    }
}
