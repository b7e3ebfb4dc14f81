import Foundation
import TestSupport
import Testing

/// What the compiled programs may and may not refer to.
struct SymbolTests {
    static let hostModules = [
        "JobModel", "JobStore", "GuestPool", "PluginCatalog", "PluginCheck", "JobEngine", "HostHTTP", "CLinux",
        "CPluginTemplate",
        "berth",
    ]

    @Test(arguments: hostModules)
    func `no object of the host can load code`(module: String) async throws {
        let objects = try Self.objects(of: module)
        #expect(!objects.isEmpty, "no object files of \(module) beside the tests")
        let undefined = try await Shell.run(["nm", "--undefined-only"] + objects.map(\.path))
        for symbol in ["dlopen", "dlmopen", "sqlite3_load_extension", "sqlite3_enable_load_extension"] {
            #expect(!undefined.output.contains(" U \(symbol)"), "\(module) refers to \(symbol)")
        }
    }

    static let programsOfPlugins = ["berth-guest", "berth-check"]

    @Test(arguments: programsOfPlugins)
    func `what plugins live in exports nothing`(program: String) async throws {
        let guest = Checkout.products.appendingPathComponent(program)
        let exported = try await Shell.run("nm", "-D", "--defined-only", guest.path)
        #expect(exported.status == 0)
        #expect(exported.output.isEmpty)
    }

    @Test(arguments: programsOfPlugins)
    func `what plugins live in needs libc alone`(program: String) async throws {
        let guest = Checkout.products.appendingPathComponent(program)
        let needed = try await Shell.run("objdump", "-p", guest.path).output.split(separator: "\n")
            .filter { $0.contains("NEEDED") }.compactMap { $0.split(separator: " ").last }
        #expect(needed.contains("libc.so.6"))
        #expect(Set(needed).isSubset(of: ["libc.so.6", "libm.so.6", "ld-linux-x86-64.so.2", "ld-linux-aarch64.so.1"]))
    }

    private static func objects(of module: String) throws -> [URL] {
        let folder = Checkout.products.appendingPathComponent("\(module).build")
        let files = FileManager.default.enumerator(at: folder, includingPropertiesForKeys: nil)
        return (files?.compactMap { $0 as? URL } ?? []).filter { $0.pathExtension == "o" }
    }
}
