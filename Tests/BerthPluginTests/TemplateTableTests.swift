import CPluginTemplate
import Foundation
import Testing

/// The files that travel inside the executable are those of the folder.
struct TemplateTableTests {
    @Test(arguments: ["c", "swift"])
    func `every file of a template is embedded as it is`(language: String) throws {
        let folder = checkout.appendingPathComponent("plugin-template/\(language)")
        let embedded = Dictionary(
            uniqueKeysWithValues: table().filter { $0.language == language }.map { ($0.path, $0) })
        let paths = try files(in: folder)
        #expect(Set(embedded.keys) == Set(paths))
        for path in paths {
            let onDisk = try Data(contentsOf: folder.appendingPathComponent(path))
            #expect(embedded[path]?.bytes == onDisk, "\(language)/\(path)")
        }
    }

    @Test func `the header stands alone too`() throws {
        let header = checkout.appendingPathComponent("Sources/CBerthPlugin/include/berth_plugin.h")
        let alone = try #require(table().first { $0.language.isEmpty })
        #expect(alone.path == "berth_plugin.h")
        #expect(try alone.bytes == Data(contentsOf: header))
    }

    @Test(arguments: ["c", "swift"])
    func `a project is named by the placeholder`(language: String) {
        let texts = table().filter { $0.language == language }.map { String(decoding: $0.bytes, as: UTF8.self) }
        #expect(texts.contains { $0.contains("plugin-name") })
    }

    private let checkout = URL(fileURLWithPath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

    private struct Entry {
        let language: String
        let path: String
        let bytes: Data
    }

    private func table() -> [Entry] {
        var count = 0
        let files = UnsafeBufferPointer(start: berth_templates(&count), count: count)
        return files.map {
            Entry(
                language: String(cString: $0.language), path: String(cString: $0.path),
                bytes: Data(bytes: $0.bytes, count: $0.length))
        }
    }

    /// Everything that is not built: paths below the folder.
    private func files(in folder: URL) throws -> [String] {
        let built = [".build", "build", ".swiftpm"]
        return try FileManager.default.subpathsOfDirectory(atPath: folder.path).filter { path in
            let parts = path.split(separator: "/").map(String.init)
            var isFolder: ObjCBool = false
            let full = folder.appendingPathComponent(path).path
            let exists = FileManager.default.fileExists(atPath: full, isDirectory: &isFolder)
            return exists && !isFolder.boolValue && !parts.contains(where: built.contains)
                && !path.hasSuffix(".so") && !path.hasSuffix(".part") && path != "Package.resolved"
        }
    }
}
