import Hummingbird
import JobEngine
import JobModel
import ServiceLifecycle

extension JobEngine {
    /// The run a path names, by number or as `last`.
    func runID(_ context: BasicRequestContext) async throws -> RunID {
        let text = try context.name("id")
        if text == "last" { return try await lastRun().id }
        guard let id = RunID(text), id > 0 else {
            throw FieldError(
                path: "id", value: JSONValue.string(text).text, reason: "must be the number of a run, or \"last\"")
        }
        return id
    }

    /// Everything there is to say about a run.
    func wholeRun(_ id: RunID) async throws -> RunView {
        let run = try await run(id)
        let progress = run.state == .running ? await ProgressView(of: id, engine: self) : nil
        let borrower = run.state == .running ? try await borrower(of: id) : nil
        let children = run.children > 0 ? try await childCounts(of: id) : nil
        let obstacle = run.state == .pending ? try? await obstacle(of: run.component) : nil
        let attempts = try await attempts(of: id)
        let hasSteps = run.gate != .ahead || run.policy.preStep != nil || run.policy.postStep != nil
        let steps = hasSteps ? try await steps(of: id) : []
        let changes = timeline(of: run, attempts: attempts, transitions: try await transitions(of: id))
        return RunView(
            masked(run), attempts: attempts, transitions: changes,
            progress: progress?.json, lentTo: borrower, children: children, steps: steps, obstacle: obstacle)
    }

    /// The run when it has ended or is held, or as it is when the time is up or the host shuts down.
    func waited(_ id: RunID, atMost limit: Duration) async throws -> RunView {
        _ = try await run(id)
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { [self] in _ = try await waitForEnd(of: id) }
            group.addTask { try await Task.sleep(for: limit) }
            group.addTask { try await gracefulShutdown() }
            try await group.next()
            group.cancelAll()
        }
        return try await wholeRun(id)
    }
}
