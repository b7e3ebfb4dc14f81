import Foundation
import TestSupport

/// A program of a plugin's project that its tests talk to: it serves as long as its input is open.
final class Companion: Sendable {
    /// The first line it prints.
    let greeting: String
    private let process = Process()
    private let input = Pipe()
    private let output = Pipe()

    /// Makes `target` of the project first.
    init(of project: String, target: String, _ argument: String) async throws {
        let folder = Checkout.root.appendingPathComponent("Plugins/\(project)")
        let made = try await Shell.run("make", "-s", target, in: folder)
        guard made.status == 0 else { throw HostFailure(made.errors) }
        process.executableURL = folder.appendingPathComponent("build/\(target)")
        process.arguments = [argument]
        process.standardInput = input
        process.standardOutput = output
        try process.run()
        greeting = String(decoding: output.fileHandleForReading.availableData, as: UTF8.self)
    }

    /// Ends it; what it prints last.
    func end() -> String {
        try? input.fileHandleForWriting.close()
        return String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    }

    deinit { try? input.fileHandleForWriting.close() }
}

/// The server that the project `http` tries its requests on: real HTTP, and TLS with an authority of its own.
final class CalledServer: Sendable {
    let plain: String
    let safe: String
    /// With `ca.pem`, `client.pem` and `client.key`.
    let folder = temporaryFolder("server")
    private let companion: Companion

    init() async throws {
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        companion = try await Companion(of: "http", target: "server", folder.path)
        let ports = companion.greeting.split(whereSeparator: \.isWhitespace)
        guard ports.count == 2 else { throw HostFailure("the server said \(companion.greeting)") }
        plain = "http://127.0.0.1:\(ports[0])"
        safe = "https://localhost:\(ports[1])"
    }

    deinit { try? FileManager.default.removeItem(at: folder) }
}
