import Foundation
import TestSupport

/// The server that the project `http` tries its requests on: real HTTP, and TLS with an authority of its own.
final class CalledServer: Sendable {
    let plain: String
    let safe: String
    /// With `ca.pem`, `client.pem` and `client.key`.
    let folder = temporaryFolder("server")
    private let process = Process()
    /// The server ends when this does.
    private let life = Pipe()

    init() async throws {
        let project = Checkout.root.appendingPathComponent("Plugins/http")
        let made = try await Shell.run("make", "-s", "server", in: project)
        guard made.status == 0 else { throw HostFailure(made.errors) }
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        let output = Pipe()
        process.executableURL = project.appendingPathComponent("build/server")
        process.arguments = [folder.path]
        process.standardInput = life
        process.standardOutput = output
        try process.run()
        let line = String(decoding: output.fileHandleForReading.availableData, as: UTF8.self)
        let ports = line.split(whereSeparator: \.isWhitespace)
        guard ports.count == 2 else { throw HostFailure("the server said \(line)") }
        plain = "http://127.0.0.1:\(ports[0])"
        safe = "https://localhost:\(ports[1])"
    }

    deinit {
        try? life.fileHandleForWriting.close()
        try? FileManager.default.removeItem(at: folder)
    }
}
