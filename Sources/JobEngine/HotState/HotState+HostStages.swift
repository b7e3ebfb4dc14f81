import GuestPool
import JobModel
import JobStore

/// Stages that the host makes itself, without a guest: they begin and end in one batch.
extension HotState {
    /// What the attempt whose turn it is comes to, if no plugin code is to run for it.
    func hostStage(of run: HotRun) -> (outcome: Outcome, message: String?)? {
        let record = run.origin.value
        guard record.policy.reducing == .count else { return nil }
        switch record.stage {
        case .child: return nil
        case .root:
            guard case .eachOf = record.policy.placement else { return nil }
            return (.succeeded, nil)
        case .reduce:
            guard record.failedChildren > 0 else { return (.succeeded, nil) }
            let words = "\(record.failedChildren) of its \(record.children) children did not succeed"
            return (.failed(retryable: false), words)
        }
    }

    /// For a run that was taken out of its lane.
    mutating func makeHostStage(_ id: RunID, _ stage: (outcome: Outcome, message: String?), now: Instant) {
        guard let index = runs.index(forKey: id) else { return }
        runs.values[index].counters.starts += 1
        if let job = runs.values[index].job { openRuns[job]?.start(id) }
        changeRoom(of: runs.values[index].queue, by: 1)
        emit(.start(id, number: runs.values[index].counters.starts, at: now), .start(id))
        if let job = runs.values[index].job { openRuns[job]?.busy -= 1 }
        let end = AttemptEnd(outcome: stage.outcome, message: stage.message, startedAt: now, finishedAt: now)
        settle(index, end, now: now)
    }

    /// In place of what the root stage emitted.
    func childrenByPlacement(of run: HotRun, after end: AttemptEnd) -> [ChildOrder]? {
        let record = run.origin.value
        guard record.stage == .root, end.outcome == .succeeded, case .eachOf(let hosts, _) = record.policy.placement
        else { return nil }
        return hosts.map { ChildOrder(label: $0, params: record.params) }
    }

    /// Of the child with this index.
    func policyOfChild(_ index: Int, of parent: RunRecord) -> RunPolicy {
        var policy = parent.policy
        // That the parent was to begin in time says nothing about its parts.
        policy.notAfter = nil
        // What follows the whole follows it once.
        policy.onSuccess = nil
        policy.onFailure = nil
        policy.preStep = nil
        policy.postStep = nil
        policy.reducing = nil
        if case .eachOf(let hosts, let here) = parent.policy.placement, hosts.indices.contains(index) {
            policy.placement = hosts[index] == here ? .eachOf([], here: here) : .on(hosts[index])
        }
        return policy
    }
}
