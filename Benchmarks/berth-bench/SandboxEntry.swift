import Foundation
import GuestPool

/// What a guest pays for its sandbox before it loads anything, by its own clock.
enum SandboxEntry {
    private static let guests = 200

    static func report(_ options: BenchOptions) async throws {
        let pool = try GuestPool(options, scratch: options.scratch.appendingPathComponent("sandbox"))
        for sandbox in [SandboxRules.standard, .strict] {
            var readings = Readings()
            for _ in 0..<guests {
                let setup = try await pool.tryOut(sandbox, grants: []).setup
                readings.values.append(Double(setup.components.attoseconds) / 1e12)
            }
            Bench.row("entering the sandbox \(sandbox.words), µs", readings, floor: "300")
        }
        await pool.stop()
    }
}
