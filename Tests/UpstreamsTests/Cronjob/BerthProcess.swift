import Foundation
import TestSupport

/// The real `berth serve` with the project's plugins.
final class BerthProcess: Sendable {
    static let program = Checkout.products.appendingPathComponent("berth").path

    private let process: Process
    private let log: URL

    init(home: URL) throws {
        log = home.appendingPathComponent("host-\(UUID().uuidString).log")
        try Data().write(to: log)
        process = Process()
        process.executableURL = URL(fileURLWithPath: Self.program)
        let plugins = Checkout.root.appendingPathComponent(".build/plugins").path
        process.arguments = ["serve", "--home", home.path, "--plugins", plugins, "--listen", "none"]
        let output = try FileHandle(forWritingTo: log)
        process.standardOutput = output
        process.standardError = output
        try process.run()
    }

    var isRunning: Bool { process.isRunning }
    var printed: String { (try? String(contentsOf: log, encoding: .utf8)) ?? "" }

    /// kill -9.
    func kill() { if process.isRunning { Foundation.kill(process.processIdentifier, SIGKILL) } }

    /// SIGTERM, and the exit status.
    func stop() async throws -> Int32 {
        process.terminate()
        try await eventually("the host to end") { process.isRunning ? nil : true }
        return process.terminationStatus
    }
}
