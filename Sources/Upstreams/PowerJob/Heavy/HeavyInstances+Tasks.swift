import JobEngine
package import JobModel

/// What a tracker says is done here: tasks are given, ends are stored, what is lost goes again.
extension HeavyInstances {
    /// False when an end could not be stored; the borrower tells it again.
    @discardableResult
    func change(
        _ name: FamilyName, pumps: Bool = true,
        _ deed: (inout TaskTracker, Instant) -> [TaskTracker.Effect]
    ) async -> Bool {
        guard var family = instances[name.instance]?.families[name.launch] else { return true }
        let effects = deed(&family.tracker, MonotonicTime.now)
        instances[name.instance]?.families[name.launch] = family
        var isKept = true
        for effect in effects where await !perform(effect, name, family.parent) { isKept = false }
        if pumps { await pump() }
        return isKept
    }

    private func perform(_ effect: TaskTracker.Effect, _ name: FamilyName, _ parent: RunID) async -> Bool {
        switch effect {
        case .send(let loan):
            if let order = taskOrder(loan, name) { send(Send(loan: loan, order: order, family: name)) }
            return true
        case .lend(let terms):
            try? await parts.engine.setLending(of: parent, terms)
            return true
        case .takeBack(let loan):
            guard (try? await parts.engine.takeBack(loan)) == nil else { return true }
            return await again(loan, name)
        case .end(let loan, let end):
            guard (try? await parts.engine.endLoan(loan, attemptEnd(of: end))) == nil else { return true }
            return await again(loan, name)
        }
    }

    /// The store fails: the errand goes on, and its end is told again.
    private func again(_ loan: Loan, _ name: FamilyName) async -> Bool {
        guard var family = instances[name.instance]?.families[name.launch] else { return false }
        _ = family.tracker.lent(loan, now: MonotonicTime.now)
        let effects = family.tracker.notTaken(loan, now: MonotonicTime.now)
        instances[name.instance]?.families[name.launch] = family
        for case .lend(let terms) in effects { try? await parts.engine.setLending(of: family.parent, terms) }
        return false
    }

    private func attemptEnd(of end: TaskTracker.TaskEnd) -> AttemptEnd {
        let now = Instant(microseconds: ReportClock.machine * 1000)
        func attempt(
            _ outcome: Outcome, code: Int32 = 0, _ message: String?, _ output: [UInt8] = [],
            _ children: [ChildOrder] = []
        ) -> AttemptEnd {
            AttemptEnd(
                outcome: outcome, code: code, message: message, output: output, startedAt: now, finishedAt: now,
                children: children)
        }
        return switch end {
        case .succeeded(let output, let children): attempt(.succeeded, nil, output, children)
        case .failed(let reason): attempt(.failed(retryable: true), code: 1, reason)
        case .failedForGood(let reason): attempt(.failed(retryable: false), code: 100, reason)
        case .lost(let reason): attempt(.interrupted(.hostDied), reason)
        }
    }

    /// A child of one of these was lent, now or before this host started.
    func lent(_ loan: Loan) async {
        guard let parent = loan.run.parent, let name = families[parent] else { return await endIfNobodys(loan) }
        await change(name) { tracker, now in tracker.lent(loan, now: now) }
    }

    /// Who lets a run go again whose instance has ended gets no other host to help: servers name those with the instance.
    private func endIfNobodys(_ loan: Loan) async {
        guard isSettled, let owner = try? await parts.engine.runs([loan.run.parent ?? loan.run.id]).first,
            owner.actor == Dispatch.actor(of: parts.name), let name = owner.instance,
            let number = LaunchName(name)?.instance ?? Int64(name), isSettled, instances[number] == nil
        else { return }
        let end = TaskTracker.TaskEnd.failedForGood(
            "the instance has ended: nothing of it goes to \(loan.host) any more")
        _ = try? await parts.engine.endLoan(loan, attemptEnd(of: end))
    }

    private func taskOrder(_ loan: Loan, _ name: FamilyName) -> TaskOrder? {
        guard let instance = instances[name.instance], let tracker = instance.families[name.launch]?.tracker else {
            return nil
        }
        var content: [UInt8]?
        if instance.order.executeType != .broadcast {
            content =
                TaskContent(
                    index: loan.run.childIndex ?? 0, label: loan.run.label, params: loan.run.params
                ).bytes
        }
        return TaskOrder(
            tracker: parts.address, instance: instance.order, taskID: tracker.taskID(of: loan),
            taskName: instance.order.executeType == .broadcast ? "OMS_BROADCAST_TASK" : loan.run.label ?? "task",
            content: content, earlierAttempts: Int(loan.number) - 1, launch: name.launch)
    }

    /// Gives a task to its borrower.
    func give(_ send: Send) async {
        guard let place = HostPort(send.loan.host) else { return }
        do throws(CallFault) {
            try await parts.calls.tell(place, TaskOrder.path, send.order.json)
            await change(send.family) { tracker, now in tracker.taken(send.loan, now: now) }
        } catch {
            parts.logger.warning(
                "a task was not taken",
                metadata: ["instance": "\(send.family.instance)", "task": "\(send.order.taskID)", "reason": "\(error)"])
            await change(send.family) { tracker, now in tracker.notTaken(send.loan, now: now) }
        }
    }

    // MARK: What people ask

    /// Puts the numbers of tasks into a report that it goes on, and gives what is to be kept with its dispatch.
    package func describe(_ report: inout InstanceReport) async -> JSONValue? {
        let number = report.instance
        guard let instance = instances[number] else { return nil }
        if let launches = instance.launches {
            (report.total, report.succeeded, report.failed) = (launches.launched, launches.succeeded, launches.failed)
            report.result = launches.lastResult
            if let alert = instances[number]?.launches?.takeAlert() { instances[number]?.alert = alert }
            report.alert = instances[number]?.alert
            return instance.state
        }
        if let run = try? await parts.engine.runs([instance.run]).first {
            let tasks = TaskFigures(of: run, as: instance.order.executeType)
            (report.total, report.succeeded, report.failed) = (tasks.total, tasks.succeeded, tasks.failed)
        }
        return nil
    }

    /// What `queryInstanceStatus` answers; nil: it is not one of these.
    package func detail(of number: Int64) async -> InstanceDetail? {
        guard let instance = instances[number] else { return nil }
        var detail = InstanceDetail(startTime: instance.startTime, address: own)
        if let launches = instance.launches {
            detail.launches = launches.details
            detail.tasks = InstanceDetail.Tasks(
                total: launches.launched, succeeded: launches.succeeded, failed: launches.failed, waiting: 0,
                running: Int64(launches.numbersRunning.count))
            return detail
        }
        guard let run = try? await parts.engine.runs([instance.run]).first,
            let children = try? await parts.engine.childCounts(of: instance.run)
        else { return detail }
        let tasks = TaskFigures(of: run, as: instance.order.executeType)
        detail.tasks = InstanceDetail.Tasks(
            total: tasks.total, succeeded: tasks.succeeded, failed: tasks.failed,
            waiting: Int64(children.states[.pending] ?? 0), running: Int64(children.states[.running] ?? 0))
        return detail
    }
}
