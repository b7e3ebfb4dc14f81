package import Foundation

/// What a finished program left behind.
package struct Finished: Sendable {
    package let status: Int32
    package let output: String
    package let errors: String
}

package enum Shell {
    /// Runs a program found by PATH to its end and collects what it printed.
    package static func run(_ words: String..., in folder: URL = Checkout.root) async throws -> Finished {
        try await run(words, in: folder)
    }

    package static func run(_ words: [String], in folder: URL = Checkout.root) async throws -> Finished {
        try await withCheckedThrowingContinuation { continuation in
            // A program's end is waited for on a thread of its own: it would block the cooperative pool.
            Thread.detachNewThread { continuation.resume(with: Result { try runBlocking(words, in: folder) }) }
        }
    }

    private static func runBlocking(_ words: [String], in folder: URL) throws -> Finished {
        let program = Process()
        let output = try Capture()
        let errors = try Capture()
        program.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        program.arguments = words
        program.currentDirectoryURL = folder
        program.standardInput = FileHandle.nullDevice
        program.standardOutput = output.handle
        program.standardError = errors.handle
        try program.run()
        program.waitUntilExit()
        return Finished(status: program.terminationStatus, output: try output.text(), errors: try errors.text())
    }
}

/// A file that collects what a program prints: unlike a pipe it never fills up.
private struct Capture {
    let file = FileManager.default.temporaryDirectory.appendingPathComponent("berth-test-\(UUID().uuidString)")
    let handle: FileHandle

    init() throws {
        try Data().write(to: file)
        handle = try FileHandle(forWritingTo: file)
    }

    func text() throws -> String {
        defer { try? FileManager.default.removeItem(at: file) }  // a leftover in the temporary folder hurts nobody
        return String(decoding: try Data(contentsOf: file), as: UTF8.self)
    }
}
