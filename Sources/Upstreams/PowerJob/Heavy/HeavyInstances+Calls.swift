package import JobModel

/// What other workers ask and tell, as borrowers of our tasks and as those who lend us theirs.
extension HeavyInstances {
    /// A task that another worker's instance lent to us has ended, or was under way when the host started.
    package func taskEnded(_ ended: EndedDispatch) async { await borrowed.finish(ended) }
    package func resumeTask(_ open: OpenDispatch) async { await borrowed.resume(open) }

    /// Calls of other workers, `/processorTracker/…` and `/taskTracker/…`; nil: there is no such path.
    package func answer(_ path: String, _ message: JSONValue, _ intake: Intake) async -> DoorAnswer? {
        switch path {
        case TaskOrder.path: return await borrowed.start(message, intake)
        case BorrowedTasks.stopPath: return await borrowed.stop(message)
        case TaskReport.path: return await report(message)
        case BorrowerReport.path: return await alive(message)
        case "/taskTracker/mapTask":
            // Those of ours tell what they made with their end.
            return DoorAnswer(.failure("tasks that a worker of another make maps cannot be read here"))
        default: return nil
        }
    }

    /// Whether a caller that nobody named is a worker of our app: it says which one, and the server knows it.
    package func vouch(for path: String, _ message: JSONValue) async -> Bool {
        guard path == TaskOrder.path, let task = TaskOrder(json: message),
            await workers(of: task.instance.job)?.contains(task.tracker.description) == true
        else { return false }
        await parts.callers.add(task.tracker.host)
        return true
    }

    private func report(_ message: JSONValue) async -> DoorAnswer {
        guard let report = TaskReport(json: message) else { return .fault(400, "this is no report of a task") }
        guard isRecovered else { return .fault(503, "this host is starting") }
        let name = FamilyName(instance: report.instance, launch: report.launch)
        let isKept = await change(name) { tracker, now in tracker.report(report, now: now) }
        guard report.status.isEnd else { return .ok }
        return isKept ? DoorAnswer(.success) : DoorAnswer(.failure("the end could not be stored"))
    }

    private func alive(_ message: JSONValue) async -> DoorAnswer {
        guard let report = BorrowerReport(json: message) else { return .fault(400, "this is no report of a worker") }
        guard isRecovered else { return .fault(503, "this host is starting") }
        guard let instance = instances[report.instance] else {
            // It works for nothing: what told it to stop did not arrive.
            if let place = HostPort(report.address), report.address != own {
                Task { [calls = parts.calls] in
                    try? await calls.tell(place, BorrowedTasks.stopPath, ["instanceId": .number(report.instance)])
                }
            }
            return .ok
        }
        for launch in instance.families.keys {
            await change(FamilyName(instance: report.instance, launch: launch)) { tracker, now in
                tracker.alive(report, now: now)
            }
        }
        return .ok
    }
}
