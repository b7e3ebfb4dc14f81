import Foundation
import TestSupport
import Testing

/// A single run under gdb.
struct DebugTests {
    @Test func `a missing gdb is named`() async throws {
        let plugin = RunningHost.projectPlugins.appendingPathComponent("text.so").path
        let refused = try await Shell.run("env", "PATH=/nonexistent", RunningHost.program, "run", plugin, "--debug")
        #expect(refused.status != 0)
        #expect(refused.errors.contains("apt-get install gdb"), "\(refused.errors)")
    }

    @Test func `gdb stops at a breakpoint inside the plugin, and the run goes on from there`() async throws {
        guard try await Shell.run("sh", "-c", "command -v gdb").status == 0 else {
            return print("skipped: gdb is not installed")
        }
        let plugin = try FixturePlugin.library("check/fine", flags: ["-O0"])
        let commands = """
            set confirm off
            set pagination off
            break echo
            continue
            backtrace 1
            info source
            continue
            quit
            """
        let ran = try await Shell.run(
            "sh", "-c", "printf '%s\\n' \"$0\" | \"$1\" run \"$2\" -p x=1 --debug", commands, RunningHost.program,
            plugin.path)
        let said = ran.output + ran.errors
        #expect(said.contains("Breakpoint 1, echo (context="), "\(said)")
        #expect(said.contains("fine.c"), "\(said)")
        #expect(ran.status == 0 && ran.output.hasSuffix("{\"x\":1}\n"), "\(said)")
    }
}
