import Foundation
import TestSupport
import Testing

/// The listing of the plugin ABI, and that its gate lets nothing but additions pass.
struct PluginABITests {
    @Test func `The listing says what the compiler makes of the header`() async throws {
        let check = try await Shell.run("sh", "Tests/ABI/abi.sh", "check")
        #expect(check.status == 0, "\(check.output)\(check.errors)")
    }

    @Test func `An addition has to be listed, and can be`() async throws {
        var header = try PluginHeader()
        try header.append("int64_t (*future)(void);", to: "berth_host")
        try header.replace("#define BERTH_AGAIN 255", by: "#define BERTH_NEWS 256\n#define BERTH_AGAIN 255")
        try await Gate.with(header) { gate in
            let check = try await gate.run("check")
            #expect(check.status == 1)
            #expect(check.output.contains("make abi"), "\(check.output)")
            #expect(try await gate.run("update").status == 0)
            #expect(try gate.listing().contains("int64_t (*future)(void)"))
            #expect(try await gate.run("check").status == 0)
        }
    }

    @Test(arguments: [
        ("const char *key;\n    size_t key_length;", "size_t key_length;\n    const char *key;", "berth_field 0 8"),
        ("    uint64_t root_run;", "    uint32_t root_run;", "root_run"),
        ("    uint64_t root_run;", "", "root_run"),
        (
            "(*extend)(berth_context *context, uint32_t more_ms)",
            "(*extend)(berth_context *context, uint64_t more_ms)", "more_ms"
        ),
        ("#define BERTH_FAIL 100", "#define BERTH_FAIL 99", "BERTH_FAIL"),
        ("#define BERTH_SKIPPED 202", "", "BERTH_SKIPPED"),
        ("} berth_field;", "    size_t more;\n} berth_field;", "cannot grow"),
        ("typedef int32_t berth_status;", "typedef int64_t berth_status;", "berth_status"),
        (
            "berth_plugin_v1(const berth_host *host, berth_plugin *out);", "berth_plugin_v1(const berth_host *host);",
            "berth_plugin_v1"
        ),
    ])
    func `What is no addition is refused, by check and by update`(old: String, new: String, named: String) async throws
    {
        var header = try PluginHeader()
        try header.replace(old, by: new)
        try await Gate.with(header) { gate in
            let before = try gate.listing()
            for action in ["check", "update"] {
                let result = try await gate.run(action)
                #expect(result.status != 0, "\(action): \(old)")
                #expect(result.output.contains(named), "\(action): \(result.output)\(result.errors)")
            }
            #expect(try gate.listing() == before)
        }
    }
}

/// The gate with a header and a listing of its own.
private struct Gate {
    let folder: URL

    static func with(_ header: PluginHeader, _ body: (Gate) async throws -> Void) async throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("berth-abi-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        try Data(header.text.utf8).write(to: folder.appendingPathComponent("berth_plugin.h"))
        try FileManager.default.copyItem(
            at: Checkout.root.appendingPathComponent("Tests/ABI/berth_plugin.abi"),
            to: folder.appendingPathComponent("listing"))
        try await body(Gate(folder: folder))
    }

    func run(_ action: String) async throws -> Finished {
        try await Shell.run(
            "sh", "Tests/ABI/abi.sh", action, folder.appendingPathComponent("berth_plugin.h").path,
            folder.appendingPathComponent("listing").path)
    }

    func listing() throws -> String {
        String(decoding: try Data(contentsOf: folder.appendingPathComponent("listing")), as: UTF8.self)
    }
}
