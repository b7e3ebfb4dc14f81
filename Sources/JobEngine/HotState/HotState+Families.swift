import GuestPool
import JobModel
import JobStore

/// Runs that emit other runs, wait for them and go on with their results. Who waits and for how many is the store's to
/// know: a run that waits for children is in no lane and not in memory.
extension HotState {
    // MARK: Beginning

    /// The runs that an attempt wants made. They are stored together with its end or not at all.
    mutating func makeChildren(of run: HotRun, _ finish: inout Finish) {
        let end = finish.attempt.end
        guard end.outcome == .succeeded, !end.children.isEmpty else { return }
        let maker = run.origin.value
        if finish.state == .pending {
            let isPlaced = maker.policy.placement != nil
            let policy = policyOfChild(0, of: maker)
            finish.children = end.children.enumerated().map { index, order in
                child(order, index, of: maker.id, maker, isPlaced ? policyOfChild(index, of: maker) : policy, end)
            }
        } else if finish.state == .succeeded, maker.stage == .child, maker.policy.placement == nil {
            // Its siblings, which get their places in the family as they are stored. Those of a run that is itself a part of
            // another host's family are that host's to make.
            guard let parent = run.emitter else { return finish.handedOn = end.children }
            finish.children = end.children.enumerated().map { index, order in
                child(order, index, of: parent, maker, maker.policy, end)
            }
        }
    }

    private mutating func child(
        _ order: ChildOrder, _ index: Int, of parent: RunID, _ maker: RunRecord, _ policy: RunPolicy, _ end: AttemptEnd
    ) -> RunRecord {
        RunRecord(
            id: nextRunID(), component: maker.component, queue: maker.queue, job: maker.job, source: .child,
            priority: maker.priority, due: end.finishedAt, createdAt: end.finishedAt, params: order.params,
            policy: policy, parent: parent, root: maker.root, stage: .child, childIndex: Int64(index),
            label: order.label, givenTrace: maker.traceparent, correlation: maker.correlation)
    }

    /// The end of a root stage is on disk, and so are the children.
    mutating func beginFamily(_ id: RunID, _ children: [RunRecord], now: Instant) {
        guard let run = runs.removeValue(forKey: id) else { return }
        announce(id, .pending, job: run.jobName, at: now)
        figures.accepted += children.count
        if let cancel = run.cancel {
            closingElsewhere.insert(id)
            return close(run, cancel.value, now: now)
        }
        bring(children, now: now)
    }

    private mutating func bring(_ children: [RunRecord], now: Instant) {
        for child in children {
            announce(child.id, .pending, job: nil, at: now)
            runs[child.id] = hot(child, .waiting)
            offer(child.id)
        }
    }

    /// The end of a child is on disk, and so are the siblings it made, from this place in the family on.
    mutating func familyGrew(by id: RunID, from first: Int64, now: Instant) {
        guard let run = runs[id], case .ending(let finish) = run.phase else { return }
        finishCommitted(id, now: now)
        let siblings = finish.value.children.map { sibling in
            var sibling = sibling
            sibling.childIndex = first + (sibling.childIndex ?? 0)
            return sibling
        }
        figures.accepted += siblings.count
        // They end with a parent that is being closed.
        if let parent = run.emitter, !closingElsewhere.contains(parent) { bring(siblings, now: now) }
    }

    // MARK: Going on

    /// The last child of this run has ended.
    mutating func released(_ parent: RunRecord, now: Instant) {
        announce(parent.id, .pending, job: parent.jobName, at: now)
        guard !closingElsewhere.contains(parent.id) else { return }
        let run = hot(parent, .waiting)
        changeRoom(of: run.queue, by: -1)
        guard runs[parent.id] == nil else { return }
        guard parent.gate != .failed else { return endAtGate(parent, now: now) }
        runs[parent.id] = run
        offer(parent.id)
    }

    /// A change reached children together with their parent.
    mutating func appliedToFamily(_ tag: Tag, _ children: [RunID], now: Instant) {
        switch tag {
        case .close:
            applied(tag, now: now)
            for child in children { childClosed(child, now: now) }
        case .reopen(let record, let ticket):
            announce(record.id, .pending, job: record.jobName, at: now)
            for child in children { announce(child, .pending, job: nil, at: now) }
            reply(ticket, .done)
            reopen(inBook: record)
            // Where the children are, too: they share queue, component and priority.
            let run = hot(record, .waiting)
            changeRoom(of: run.queue, by: -children.count)
            rereadLane(of: run)
        default: applied(tag, now: now)
        }
    }

    private mutating func childClosed(_ child: RunID, now: Instant) {
        announce(child, .cancelled, job: nil, at: now)
        guard let run = runs[child], run.isWaiting else { return }
        withdraw(run)
        runs[child] = nil
    }

    // MARK: Ending

    /// Children that run are asked to stop; those that wait leave their lanes, and the store closes them with their parent.
    mutating func stopChildren(of parent: RunID, _ by: By, now: Instant) {
        let family = runs.values.filter { $0.origin.value.parent == parent }
        for child in family {
            switch child.phase {
            case .waiting, .parked:
                withdraw(child)
                runs[child.id] = nil
            case .running:
                stop(child, .parentCancelled, by, nil, now: now)
                intend(child.id, by)
            case .lent:
                guard let index = runs.index(forKey: child.id) else { continue }
                cancelLoan(at: index, by, nil, now: now)
            case .starting, .lending, .returning, .ending: intend(child.id, by)
            case .inserting, .closing: break
            }
        }
    }

    private mutating func intend(_ id: RunID, _ by: By) {
        guard let index = runs.index(forKey: id), runs.values[index].cancel == nil else { return }
        runs.values[index].cancel = Box(CancelIntent(by: by))
    }
}

extension RunCounters {
    /// Each stage has all the attempts that the policy gives.
    var forNextStage: RunCounters { RunCounters(starts: starts, interruptions: interruptions) }
}
