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
    private let ends: AsyncStream<End>
    private let endsInput: AsyncStream<End>.Continuation
    /// Whose refusals are under way.
    private var refused: Set<String> = []
    private let starts = StartWatch()
    private let begun: AsyncStream<Announcement>

    private enum End {
        case ran(EndedDispatch)
        /// Nothing could be made of it. Not stored: a tracker that does not hear it gives the task again.
        case refused(BorrowedNote, reason: String)
    }

    static let stopPath = "/processorTracker/stopInstance"

    private struct Lender: Hashable {
        var instance: Int64
        var tracker: HostPort
    }

    package init(parts: PowerJobParts) {
        self.parts = parts
        (ends, endsInput) = AsyncStream.makeStream(of: End.self)
        begun = parts.engine.announcements(keepsAll: true) { [starts] announcement in starts.wants(announcement) }
    }

    // MARK: Taking

    func start(_ message: JSONValue, _ intake: Intake) async -> DoorAnswer {
        guard let task = TaskOrder(json: message) else { return .fault(400, "this is no task") }
        let content = task.content.flatMap(TaskContent.init(bytes:))
        let note = BorrowedNote(task, isOurs: content != nil)
        do {
            let request = try await request(for: task, content, note, intake)
            return await take(request, note)
        } catch {
            refuse(note, error.reason)
            return .ok
        }
    }

    private func request(
        for task: TaskOrder, _ content: TaskContent?, _ note: BorrowedNote, _ intake: Intake
    ) async throws(OrderFault) -> RunRequest {
        guard task.content == nil || content != nil || task.instance.executeType == .broadcast else {
            throw task.instance.fault(
                "a task that a worker of another make mapped cannot be read here: let the workers of an app that maps be "
                    + "Berth hosts alone")
        }
        var request = try await intake.request(for: task.instance)
        request.policy.retry = RetryPolicy(attempts: 1, delay: .fixed(.zero), crashes: 1)
        if let content { request.params = content.params }
        if task.instance.executeType == .broadcast {
            request.policy.placement = .eachOf([], here: parts.address.description)
        }
        request.part = ChildPlace(
            index: content?.index ?? task.index ?? 0, label: content?.label ?? parts.address.description,
            hasOwnParams: content != nil)
        request.dispatch = Dispatch(upstream: parts.name, instance: note.instanceName, note: note.bytes)
        return request
    }

    private func take(_ request: RunRequest, _ note: BorrowedNote) async -> DoorAnswer {
        do throws(EngineError) {
            switch try await parts.ledger.take(request) {
            case .created(let run), .existing(let run), .replaced(let run): taken(run.id, note)
            case .refused(let error): throw error
            }
        } catch {
            if error.isPassing { return .fault(503, error.words) }
            refuse(note, error.words)
        }
        return .ok
    }

    /// A tracker of ours knows from the answer that the task is here, and needs to know no more.
    private func taken(_ run: RunID, _ note: BorrowedNote) {
        add(note)
        guard !note.isOurs else { return }
        Task {
            await tell(note, .received)
            starts.add(run, note)
            // It may be under way by now.
            guard let record = try? await parts.engine.runs([run]).first, record.state != .pending else { return }
            if starts.take(run) != nil, record.state == .running { await tell(note, .processing) }
        }
    }

    /// Counts and pages of servers tell tasks that run from those that wait.
    private func tellStarts() async {
        for await case .run(let run, _, _, _) in begun {
            if let note = starts.take(run) { Task { await tell(note, .processing) } }
        }
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
            starts.drop(names)
            for name in names { await parts.ledger.silence(name, reason: "its tracker stopped the instance") }
        }
        return .ok
    }

    // MARK: Reporting

    /// One of these has ended, perhaps before the host started.
    package func finish(_ ended: EndedDispatch) {
        _ = starts.take(ended.run.id)
        endsInput.yield(.ran(ended))
    }

    /// Was under way when the host started.
    func resume(_ open: OpenDispatch) {
        if let note = BorrowedNote(bytes: open.dispatch.note) { add(note) }
    }

    func run() async {
        await withDiscardingTaskGroup { group in
            group.addTask { await self.stayKnown() }
            group.addTask { await self.tellStarts() }
            for await end in ends { group.addTask { await self.report(end) } }
            group.cancelAll()
        }
    }

    private func report(_ end: End) async {
        switch end {
        case .ran(let ended): await report(ended)
        case .refused(let note, let reason):
            _ = await deliver(note.failure(reason, time: parts.clock.now), to: note.tracker)
            refused.remove(note.instanceName)
        }
    }

    private func report(_ ended: EndedDispatch) async {
        guard let note = BorrowedNote(bytes: ended.dispatch.note) else {
            parts.logger.error("a task cannot be read", metadata: ["task": "\(ended.dispatch.instance)"])
            return await parts.ledger.settle([ended.run.id])
        }
        add(note)
        guard let children = await children(of: ended.run) else { return }
        if await deliver(note.report(of: ended.run, children, time: parts.clock.now), to: note.tracker) {
            remove(note)
            await parts.ledger.settle([ended.run.id])
        }
    }

    /// What it made for its tracker to run. Nil when the host stops before the store works.
    private func children(of run: RunRecord) async -> [ChildOrder]? {
        guard run.state == .succeeded else { return [] }
        while !Task.isCancelled {
            if let children = try? await parts.engine.handedOn(by: run.id) { return children }
            try? await Task.sleep(for: parts.settings.tasks.resend)
        }
        return nil
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

    private func tell(_ note: BorrowedNote, _ status: TaskStatus) async {
        try? await parts.calls.tell(note.tracker, TaskReport.path, note.report(status, time: parts.clock.now).json)
    }

    private func refuse(_ note: BorrowedNote, _ reason: String) {
        guard refused.insert(note.instanceName).inserted else { return }
        endsInput.yield(.refused(note, reason: reason))
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
