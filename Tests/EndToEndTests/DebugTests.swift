import Foundation
import TestSupport
import Testing

/// A single run under gdb.
struct DebugTests {
    @Test func `gdb stops in the plugin before it runs, and the run ends when gdb lets it go`() async throws {
        guard try await Shell.run("sh", "-c", "command -v gdb").status == 0 else {
            return print("skipped: gdb is not installed")
        }
        let plugin = RunningHost.projectPlugins.appendingPathComponent("text.so").path
        let typed = "info sharedlibrary\\ncontinue\\nquit\\n"
        let command = """
            printf '\(typed)' | '\(RunningHost.program)' run '\(plugin)' wordcount -p path=/etc/hostname --debug
            """
        let debugged = try await Shell.run("sh", "-c", command)
        #expect(debugged.output.contains("The plugin is loaded and has not run yet"), "\(debugged.output)")
        #expect(debugged.output.contains("text.so"), "\(debugged.output)\(debugged.errors)")
        // No sandbox: the file was not granted. No limits: what gdb took did not count.
        #expect(debugged.output.contains(#""words""#), "\(debugged.output)\(debugged.errors)")
        #expect(debugged.status == 0, "\(debugged.errors)")
    }

    @Test func `a missing gdb is named`() async throws {
        let plugin = RunningHost.projectPlugins.appendingPathComponent("text.so").path
        let refused = try await Shell.run("env", "PATH=/nonexistent", RunningHost.program, "run", plugin, "--debug")
        #expect(refused.status != 0)
        #expect(refused.errors.contains("apt-get install gdb"), "\(refused.errors)")
    }
}
