import Foundation
import TestSupport
import Testing

/// What a component may do beyond computing is the operator's to say.
struct GrantTests {
    private static func once(_ words: String...) async throws -> Finished {
        let command = [
            RunningHost.program, "run", "command/command", "--plugins", RunningHost.projectPlugins.path, "-p",
            "program=echo", "-p", #"args=["hello"]"#,
        ]
        return try await Shell.run(command + words)
    }

    @Test func `a single run says which grant it needs, and has it when it is given`() async throws {
        let refused = try await Self.once()
        #expect(refused.status == 5)
        #expect(
            refused.errors.contains(
                "command/command starts programs, which is not granted: give --grant subprocess"), "\(refused.errors)")
        let ran = try await Self.once("--grant", "subprocess")
        #expect(ran.status == 0, "\(ran.errors)")
        #expect(ran.output.contains("hello"))
    }

    @Test func `a program that a run may read it may run`() async throws {
        let folder = temporaryFolder("programs")
        defer { try? FileManager.default.removeItem(at: folder) }
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        let program = folder.appendingPathComponent("mine")
        try FileManager.default.copyItem(atPath: "/bin/echo", toPath: program.path)
        let command = [
            RunningHost.program, "run", "command/command", "--plugins", RunningHost.projectPlugins.path, "--grant",
            "subprocess", "-p", "program=\(program.path)", "-p", #"args=["hello"]"#,
        ]
        let refused = try await Shell.run(command)
        #expect(refused.status == 1 && refused.errors.contains(program.path), "\(refused.errors)")
        let ran = try await Shell.run(command + ["--read", folder.path])
        #expect(ran.status == 0 && ran.output.contains("hello"), "\(ran.errors)")
    }

    @Test func `a host without grants says what to write where`() async throws {
        let home = temporaryFolder()
        defer { try? FileManager.default.removeItem(at: home) }
        try FileManager.default.createDirectory(at: home, withIntermediateDirectories: true)
        let file = home.appendingPathComponent("berth.yaml")
        try Data("slots: 2\n".utf8).write(to: file)
        let words =
            "write \"command: {grants: [subprocess]}\" under \"plugins:\" in \(file.path) and start the host again"
        try await RunningHost.with(home: home) { host in
            let refused = try await host.berth("enqueue", "command/command", "-p", "program=date")
            #expect(refused.status == 5)
            #expect(refused.errors.contains(words), "\(refused.errors)")
            #expect(try await host.berth("plugin", "show", "command").output.contains(words))
        }
        try Data("plugins: {command: {grants: [subprocess]}}\n".utf8).write(to: file)
        try await RunningHost.with(home: home) { host in
            let ran = try await host.berth("enqueue", "command/command", "-p", "program=date", "--wait")
            #expect(ran.status == 0, "\(ran.errors)")
            let page = try await host.berth("plugin", "show", "command").output
            #expect(page.contains("granted") && !page.contains("not granted"))
        }
    }
}
