import Foundation
import Logging

/// Makes the machine ready for a category, with commands that the server gives.
struct CategorySetup: Sendable {
    let patience: Duration
    let logger: Logger

    /// Nil: it is ready.
    func complaint(about row: CategoryRow, of category: String) async -> String? {
        if !row.check.isEmpty, await run(row.check) == nil { return nil }
        guard !row.setup.isEmpty else {
            return row.check.isEmpty ? nil : "the check of category \"\(category)\" fails, and it has no setup"
        }
        if let fault = await run(row.setup) { return "the setup of category \"\(category)\" \(fault)" }
        guard !row.check.isEmpty, let fault = await run(row.check) else { return nil }
        return "the check of category \"\(category)\" \(fault), after its setup"
    }

    /// How a command ended badly; nil: it did not.
    private func run(_ command: String) async -> String? {
        let text = command.trimmed
        guard !text.isEmpty, text != "null" else { return nil }
        logger.info("a command of the server's makes this machine ready", metadata: ["bytes": "\(text.utf8.count)"])
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/bin/sh")
        process.arguments = ["-c", text]
        // Keys of the host are in its environment.
        process.environment = ProcessInfo.processInfo.environment.filter { ["PATH", "HOME", "LANG"].contains($0.key) }
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = FileHandle.nullDevice
        process.standardError = FileHandle.nullDevice
        let (ends, end) = AsyncStream.makeStream(of: Int32.self)
        process.terminationHandler = { process in
            end.yield(process.terminationReason == .exit ? process.terminationStatus : -process.terminationStatus)
            end.finish()
        }
        do { try process.run() } catch { return "cannot be started: \(error)" }
        // Its children are in its group, which Foundation gives it.
        let group = -process.processIdentifier
        let limit = Task {
            try await Task.sleep(for: patience)
            kill(group, SIGKILL)
        }
        defer { limit.cancel() }
        let status = await withTaskCancellationHandler {
            await ends.first { _ in true }
        } onCancel: {
            kill(group, SIGKILL)
        }
        return switch status ?? -SIGKILL {
        case 0: nil
        case let signal where signal < 0: "was ended by signal \(-signal)"
        case let status: "ended with status \(status)"
        }
    }
}
