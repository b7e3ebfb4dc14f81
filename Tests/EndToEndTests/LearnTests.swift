import Foundation
import TestSupport
import Testing

/// What `berth run --learn` prints, and what a run says that was kept from something.
struct LearnTests {
    private static func once(_ words: String...) async throws -> Finished {
        try await Shell.run([RunningHost.program, "run"] + words + ["--plugins", RunningHost.projectPlugins.path])
    }

    private static func escape(_ attempt: String, _ params: String, _ options: String...) async throws -> Finished {
        let library = try FixturePlugin.library("escapes").path
        return try await Shell.run([RunningHost.program, "run", library, attempt, "--params", params] + options)
    }

    @Test func `a path that is read is learned, and lets the run in`() async throws {
        let path = "/etc/passwd"
        let learned = try await Self.once("text/wordcount", "-p", "path=\(path)", "--learn")
        #expect(learned.output.contains("access:\n  read:\n    - \"\(path)\"\n"), "\(learned.output)")
        #expect(!learned.output.contains("write:") && !learned.output.contains("grants:"), "\(learned.output)")
        let refused = try await Self.once("text/wordcount", "-p", "path=\(path)")
        #expect(refused.status == 1)
        #expect(refused.errors.contains("--read \(path) or access.read"), "\(refused.errors)")
        #expect(try await Self.once("text/wordcount", "-p", "path=\(path)", "--read", path).status == 0)
    }

    @Test func `a run that was kept from a path names it`() async throws {
        let refused = try await Self.escape("read-file", #"{"read":"/etc/shadow"}"#)
        #expect(refused.errors.contains("/etc/shadow is outside the sandbox: --read /etc/shadow"), "\(refused.errors)")
        let written = try await Self.escape("remove-file", #"{"write":"/etc/hosts"}"#)
        #expect(written.status == 1)
    }

    @Test func `a path that is written is learned`() async throws {
        let folder = temporaryFolder("learn")
        defer { try? FileManager.default.removeItem(at: folder) }
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        let params = #"{"path":"\#(folder.path)/effects","line":"x"}"#
        let learned = try await Self.once("chaos/effect", "--params", params, "--learn")
        #expect(learned.output.contains("access:\n  write:\n    - \"\(folder.path)\"\n"), "\(learned.output)")
    }

    @Test func `programs and the network are learned`() async throws {
        let program = try await Self.once("command/command", "-p", "program=date", "--learn")
        #expect(program.output.contains("plugins:\n  command:\n    grants: [subprocess]\n"), "\(program.output)")
        #expect(!program.output.contains("access:"), "\(program.output)")
        let network = try await Self.escape("host-port", #"{"port":9}"#, "--learn")
        #expect(network.output.contains("plugins:\n  escapes:\n    grants: [network]\n"), "\(network.output)")
    }

    @Test func `calls that no sandbox allows are named, and a run without needs says so`() async throws {
        let keys = try await Self.escape("keys", "{}", "--learn")
        #expect(keys.output.contains("#   keyctl"), "\(keys.output)")
        let nothing = try await Shell.run(
            RunningHost.program, "run", try FixturePlugin.library("basic").path, "noop", "--learn")
        #expect(nothing.output.contains("# Nothing."), "\(nothing.output)")
    }

    @Test(arguments: [
        ("library-mode", "grants: [subprocess]"), ("library-times", "grants: [subprocess]"),
        ("memory-file", "grants: [subprocess]"), ("write-execute", "sandbox: {MemoryDenyWriteExecute: no}"),
        ("make-executable", "sandbox: {MemoryDenyWriteExecute: no}"), ("large-pipe", "#   fcntl(F_SETPIPE_SZ)"),
        ("change-times", "#   utimensat"), ("raise-priority", "#   setpriority"),
        ("host-socket", "#   socket(AF_UNIX)"), ("pair-of-another-family", "#   socketpair(AF_INET)"),
    ])
    func `whatever the sandbox refuses is learned with what lets it in`(attempt: String, words: String) async throws {
        let file = temporaryFolder("learn")
        defer { try? FileManager.default.removeItem(at: file) }
        try Data().write(to: file)
        let params = #"{"library":"\#(file.path)","write":"\#(file.path)","socket":"\#(file.path)"}"#
        let learned = try await Self.escape(attempt, params, "--learn")
        #expect(learned.output.contains(words), "\(learned.output)")
        #expect(!learned.output.contains("# Nothing."), "\(learned.output)")
    }

    @Test func `what holds the home is learned as what cannot be opened`() async throws {
        let path = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString)
        defer { try? FileManager.default.removeItem(at: path) }
        let learned = try await Self.once(
            "chaos/effect", "--params", #"{"path":"\#(path.path)","line":"x"}"#, "--learn")
        #expect(!learned.output.contains("access:"), "\(learned.output)")
        #expect(learned.output.contains("# Cannot be opened while the host's home is there"), "\(learned.output)")
    }

    @Test func `a run that needs the network without the grant names the call and the grant`() async throws {
        let refused = try await Self.escape("host-port", #"{"port":9}"#)
        #expect(refused.status == 1)
        #expect(
            refused.errors.contains("the sandbox refused socket(AF_INET); allowed with the flag and the grant network"),
            "\(refused.errors)")
    }
}
