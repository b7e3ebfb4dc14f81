import Foundation
import GuestPool
import Logging

/// Guests without a host, for a question or two.
enum LonePool {
    static func with<Value>(_ body: (GuestPool) async throws(Failure) -> Value) async throws(Failure) -> Value {
        let scratch = FileManager.default.temporaryDirectory.appendingPathComponent("berth-probe-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: scratch) }
        let pool = try make(scratch.path)
        pool.deliver { _ in }
        do throws(Failure) {
            let value = try await body(pool)
            await pool.stop()
            return value
        } catch {
            await pool.stop()
            throw error
        }
    }

    private static func make(_ scratch: String) throws(Failure) -> GuestPool {
        let program = try CompanionProgram.guest.path()
        do {
            return try GuestPool(
                configuration: .init(program: program, scratch: scratch, marker: UUID().uuidString),
                logger: Logger(label: "probe") { _ in SwiftLogNoOpLogHandler() })
        } catch {
            throw Failure(.unavailable, "No guest can be started: \(error).")
        }
    }
}
