import Foundation
import TestSupport
import Testing

/// kill -9 of a host under every kind of load, again and again: nothing acknowledged is lost, nothing that finished runs
/// again, every counter agrees, attempts are bounded, and families complete once. `make crash` does it a thousand times.
struct CrashTests {
    @Test(.timeLimit(.minutes(60))) func `kill -9 loses nothing and repeats nothing that is over`() async throws {
        let environment = ProcessInfo.processInfo.environment
        let rounds = environment["BERTH_CRASH_ROUNDS"].flatMap(Int.init) ?? 100
        let seed = environment["BERTH_CRASH_SEED"].flatMap(UInt64.init) ?? UInt64.random(in: 1...999_999)
        let driver = try CrashDriver(rounds: rounds, seed: seed)
        let report: CrashOracle.Report = try await withCheckedThrowingContinuation { continuation in
            Thread.detachNewThread { continuation.resume(with: Result { try driver.run() }) }
        }
        print("crash driver: seed \(seed): \(report)")
        #expect(report.breaches.isEmpty, "SEED=\(seed) ROUNDS=\(rounds): \(report)")
        #expect(report.acknowledged > rounds && report.effects > rounds)
    }
}
