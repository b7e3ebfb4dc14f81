package import Foundation

/// Plugins in C under Tests/Fixtures, compiled with the system's compiler when a test first asks for one.
package enum FixturePlugin {
    /// The shared library made of `Tests/Fixtures/<name>.c`. Compiled once for each text of the source and the header.
    package static func library(_ name: String, flags: [String] = []) throws -> URL {
        try library(name, flags: flags + linked[name, default: []], including: [])
    }

    /// A program, which is no plugin.
    package static func program(_ name: String, flags: [String]) throws -> URL {
        try library(name, flags: flags, including: [], kind: [])
    }

    /// What a fixture needs besides the C library.
    private static let linked = ["hostile-throw": ["-lstdc++"]]

    /// The same, compiled against another header than this checkout's.
    package static func library(_ name: String, header: PluginHeader, flags: [String] = []) throws -> URL {
        let text = Data(header.text.utf8)
        let folder = Checkout.products.appendingPathComponent("fixtures/header-\(fingerprint(text))")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        try text.write(to: folder.appendingPathComponent("berth_plugin.h"), options: .atomic)
        return try library(name, flags: flags, including: ["-I", folder.path])
    }

    /// The components of its table, in their order.
    package static func components(_ name: String) throws -> [String] {
        let source = try String(contentsOf: fixtures.appendingPathComponent("\(name).c"), encoding: .utf8)
        return source.matches(of: /(?:COMPONENT|ROW)\(\w+, "([a-z0-9-]+)"/).map { String($0.output.1) }
    }

    private static func library(
        _ name: String, flags: [String], including: [String], kind: [String] = ["-shared"]
    ) throws -> URL {
        let source = fixtures.appendingPathComponent("\(name).c")
        let folder = Checkout.products.appendingPathComponent("fixtures")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        let texts =
            try Data(contentsOf: source) + headers(beside: source)
            + Data((including + flags + kind).joined(separator: " ").utf8)
        let plain = name.replacingOccurrences(of: "/", with: "-")
        let library = folder.appendingPathComponent("\(plain)-\(fingerprint(texts)).so")
        if !FileManager.default.fileExists(atPath: library.path) {
            try compile(source, into: library, flags: flags + kind, including: including)
        }
        return library
    }

    private static let fixtures = Checkout.root.appendingPathComponent("Tests/Fixtures")
    private static let include = Checkout.root.appendingPathComponent("Sources/CBerthPlugin/include")
    private static let header = PluginHeader.file

    private static func headers(beside source: URL) throws -> Data {
        let folder = source.deletingLastPathComponent()
        let names = try FileManager.default.contentsOfDirectory(atPath: folder.path).filter { $0.hasSuffix(".h") }
            .sorted()
        return try names.reduce(Data(contentsOf: header)) {
            try $0 + Data(contentsOf: folder.appendingPathComponent($1))
        }
    }

    /// Compiles beside the target and renames, so that tests which run at once never see half a file.
    private static func compile(_ source: URL, into library: URL, flags: [String], including: [String]) throws {
        let draft = library.appendingPathExtension(UUID().uuidString)
        let compiler = Process()
        compiler.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        compiler.arguments =
            [
                "cc", "-std=gnu11", "-O1", "-g", "-fPIC", "-fvisibility=hidden", "-Wl,-z,now", "-pthread",
            ] + including + ["-I", include.path, "-o", draft.path, source.path] + flags
        try compiler.run()
        compiler.waitUntilExit()
        guard compiler.terminationStatus == 0 else { throw FixtureError.notCompiled(source.path) }
        guard rename(draft.path, library.path) == 0 else { throw FixtureError.notCompiled(library.path) }
    }

    /// FNV-1a: enough to tell versions of a small file apart.
    private static func fingerprint(_ data: Data) -> String {
        let hash = data.reduce(UInt64(0xcbf2_9ce4_8422_2325)) { ($0 ^ UInt64($1)) &* 0x100_0000_01b3 }
        return String(hash, radix: 16)
    }
}

package enum FixtureError: Error {
    case notCompiled(String)
}
