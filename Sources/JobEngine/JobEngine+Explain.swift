import GuestPool
package import JobModel

extension JobEngine {
    /// Why a run has not started, or why it ended as it did.
    package func explain(_ id: RunID) async throws(EngineError) -> Explanation {
        let record = try await run(id)
        guard case .facts(var facts) = try await asked(.facts(record)) else { throw .stopping }
        facts.attempts = try await attempts(of: id)
        facts.lastChange = try await transitions(of: id).last { $0.from != $0.to }
        if record.gate == .waiting { facts.step = try await steps(of: id).last { $0.parent == id } }
        if record.state == .running, let own = await progress().first(where: { $0.key.run == id }) {
            facts.isLeaving = own.isLeaving
            facts.leavesAt = own.timeLeft.map { facts.now + $0 }
        }
        return JobModel.explain(facts)
    }
}
