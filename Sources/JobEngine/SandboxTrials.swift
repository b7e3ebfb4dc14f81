import GuestPool
import Synchronization

/// What this machine gives to each sandbox, tried out when somebody first asks.
final class SandboxTrials: Sendable {
    private struct Question: Hashable {
        var sandbox: SandboxRules
        var grants: Grants
    }

    private let pool: GuestPool
    private let answers = Mutex<[Question: [String]]>([:])

    init(pool: GuestPool) {
        self.pool = pool
    }

    func gaps(_ sandbox: SandboxRules, grants: Grants) async -> [String] {
        let question = Question(sandbox: sandbox, grants: grants)
        if let known = answers.withLock({ $0[question] }) { return known }
        do throws(ProbeFailure) {
            let gaps = try await pool.tryOut(sandbox, grants: grants).gaps
            answers.withLock { $0[question] = gaps }
            return gaps
        } catch {
            return [error.message]
        }
    }
}
