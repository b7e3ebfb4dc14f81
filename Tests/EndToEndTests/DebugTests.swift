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
}
