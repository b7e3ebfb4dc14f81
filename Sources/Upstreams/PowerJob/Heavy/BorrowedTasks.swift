import JobEngine
import JobModel
import Logging

/// Tasks of instances that other workers have, run here for them. Each is a dispatch of its own, stored before it is
/// acknowledged; its tracker is owed its end like a server is.
package actor BorrowedTasks {
    private let parts: PowerJobParts
    /// What is owed, by instance and tracker.
    private var lenders: [Lender: Set<String>] = [:]
    /// Reports under way, which end with `run`.
    private let ends: AsyncStream<EndedDispatch>
    private let endsInput: AsyncStream<EndedDispatch>.Continuation

    static let stopPath = "/processorTracker/stopInstance"

    private struct Lender: Hashable {
        var instance: Int64
        var tracker: HostPort
    }

    package init(parts: PowerJobParts) {
        self.parts = parts
        (ends, endsInput) = AsyncStream.makeStream(of: EndedDispatch.self)
    }

    // MARK: Taking

    func start(_ message: JSONValue, _ intake: Intake) async -> DoorAnswer {
        guard let task = TaskOrder(json: message) else { return .fault(400, "this is no task") }
        let note = BorrowedNote(task)
        do {
            let request = try await request(for: task, note, intake)
            return await take(request, note)
        } catch {
            refuse(note, error.reason)
            return .ok
        }
    }

    private func request(
        for task: TaskOrder, _ note: BorrowedNote, _ intake: Intake
    ) async throws(OrderFault) -> RunRequest {
        let content = task.content.flatMap(TaskContent.init(bytes:))
        guard task.content == nil || content != nil || task.instance.executeType == .broadcast else {
            throw task.instance.fault(
                "a task that a worker of another make mapped cannot be read here: let the workers of an app that maps be "
                    + "Berth hosts alone")
        }
        var request = try await intake.request(for: task.instance)
        request.policy.retry = RetryPolicy(attempts: 1, delay: .fixed(.zero), crashes: 1)
        if let content { request.params = content.params }
        request.part = ChildPlace(
            index: content?.index ?? task.index ?? 0, label: content?.label ?? parts.address.description,
            hasOwnParams: content != nil)
        request.dispatch = Dispatch(upstream: parts.name, instance: note.instanceName, note: note.bytes)
        return request
    }

    private func take(_ request: RunRequest, _ note: BorrowedNote) async -> DoorAnswer {
        do throws(EngineError) {
            if case .refused(let error) = try await parts.ledger.take(request) { throw error }
        } catch {
            if error.isPassing { return .fault(503, error.words) }
            refuse(note, error.words)
            return .ok
        }
        add(note)
        tell(note, .received)
        return .ok
    }

    private func add(_ note: BorrowedNote) {
        lenders[Lender(instance: note.instance, tracker: note.tracker), default: []].insert(note.instanceName)
    }

    private func remove(_ note: BorrowedNote) {
        let lender = Lender(instance: note.instance, tracker: note.tracker)
        lenders[lender]?.remove(note.instanceName)
        if lenders[lender]?.isEmpty == true { lenders[lender] = nil }
    }

    func stop(_ message: JSONValue) async -> DoorAnswer {
        guard let instance = message["instanceId"]?.looseInteger else {
            return .fault(400, "instanceId must be a whole number of 64 bits")
        }
        for (lender, names) in lenders where lender.instance == instance {
            lenders[lender] = nil
            for name in names { await parts.ledger.silence(name, reason: "its tracker stopped the instance") }
        }
        return .ok
    }

    // MARK: Reporting

    /// One of these has ended, perhaps before the host started.
    package func finish(_ ended: EndedDispatch) { endsInput.yield(ended) }

    /// Was under way when the host started.
    func resume(_ open: OpenDispatch) {
        if let note = BorrowedNote(bytes: open.dispatch.note) { add(note) }
    }

    func run() async {
        await withDiscardingTaskGroup { group in
            group.addTask { await self.stayKnown() }
            for await ended in ends { group.addTask { await self.report(ended) } }
            group.cancelAll()
        }
    }

    private func report(_ ended: EndedDispatch) async {
        guard let note = BorrowedNote(bytes: ended.dispatch.note) else {
            parts.logger.error("a task cannot be read", metadata: ["task": "\(ended.dispatch.instance)"])
            return await parts.ledger.settle([ended.run.id])
        }
        add(note)
        if await deliver(note.report(of: ended.run, time: parts.clock.now), to: note.tracker) {
            remove(note)
            await parts.ledger.settle([ended.run.id])
        }
    }

    /// Tells an end until the tracker takes it, or has been silent for too long. False when the host stops first.
    private func deliver(_ report: TaskReport, to tracker: HostPort) async -> Bool {
        let pace = parts.settings.tasks
        let end = ContinuousClock.now + pace.reportsFor
        var pause = pace.resend
        while !Task.isCancelled {
            do throws(CallFault) {
                try await parts.calls.ask(tracker, TaskReport.path, report.json)
                return true
            } catch {
                parts.logger.debug(
                    "the end of a task did not arrive", metadata: ["task": "\(report.taskID)", "reason": "\(error)"])
                if case .nonsense = error, pause >= pace.alive { return true }
            }
            guard ContinuousClock.now < end else {
                parts.logger.warning(
                    "the end of a task is given up: its tracker is gone",
                    metadata: ["instance": "\(report.instance)", "task": "\(report.taskID)", "tracker": "\(tracker)"])
                return true
            }
            guard (try? await Task.sleep(for: pause)) != nil else { return false }
            pause = min(pause * 2, pace.alive)
        }
        return false
    }

    private func tell(_ note: BorrowedNote, _ status: TaskStatus) {
        let report = note.report(status, time: parts.clock.now)
        Task { [calls = parts.calls] in try? await calls.tell(note.tracker, TaskReport.path, report.json) }
    }

    /// Nothing can be made of the task. Not stored: a tracker that does not hear it gives the task again.
    private func refuse(_ note: BorrowedNote, _ reason: String) {
        var report = note.report(.failed, time: parts.clock.now)
        report.result = reason
        Task { [report] in _ = await self.deliver(report, to: note.tracker) }
    }

    /// Trackers hear that their tasks are in good hands.
    private func stayKnown() async {
        while (try? await Task.sleep(for: parts.settings.tasks.alive)) != nil {
            for (lender, names) in lenders {
                let report = BorrowerReport(
                    instance: lender.instance, address: parts.address.description, tasks: Int64(names.count),
                    time: parts.clock.now)
                Task { [calls = parts.calls] in
                    try? await calls.tell(lender.tracker, BorrowerReport.path, report.json)
                }
            }
        }
    }
}
