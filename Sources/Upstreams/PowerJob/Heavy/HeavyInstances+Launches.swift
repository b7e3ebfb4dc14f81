import JobEngine
import JobModel
import Logging

/// Launches of instances that go on until they are stopped. Each is a run, or a family of runs, of its own.
extension HeavyInstances {
    func launch(_ number: Int64) async {
        guard
            let launch = instances[number]?.launches?.launch(now: MonotonicTime.now, time: parts.clock.now),
            let order = instances[number]?.order
        else { return }
        Task { await self.make(launch, of: number, order) }
    }

    private func make(_ launch: Int64, of number: Int64, _ order: InstanceOrder) async {
        let outcome: FrequentLaunches.Outcome
        do {
            let run = try await start(launch, of: number, order)
            // Stopped meanwhile: nobody else would end it.
            guard instances[number] != nil else {
                _ = try? await parts.engine.cancel(
                    run, actor: Dispatch.actor(of: parts.name), reason: "the instance has ended")
                return
            }
            instances[number]?.launchRuns[launch] = run
            if order.executeType != .standalone {
                await beginFamily(FamilyName(instance: number, launch: launch), run, root: "\(launch)")
            }
            outcome = Self.outcome(try await parts.engine.waitForEnd(of: run), order)
        } catch {
            outcome = FrequentLaunches.Outcome(isSuccess: false, result: "the launch was not made: \(error)")
        }
        endFamily(FamilyName(instance: number, launch: launch))
        instances[number]?.launchRuns[launch] = nil
        let isAlarming = instances[number]?.launches?.ended(
            launch, outcome, now: MonotonicTime.now, time: parts.clock.now)
        if isAlarming == true { await hurryReport(of: number) }
        await pump()
    }

    private func start(_ launch: Int64, of number: Int64, _ order: InstanceOrder) async throws -> RunID {
        guard let parent = instances[number]?.run else { throw CancellationError() }
        let record = try await parts.engine.run(parent)
        var policy = record.policy
        policy.placement = nil
        policy.timeout = order.timeout
        // The next launch is the next try.
        policy.retry = RetryPolicy(attempts: 1, delay: .fixed(.zero), crashes: 1)
        let request = RunRequest(
            component: record.component, params: record.params, policy: order.shape(policy, own: own),
            queue: record.queue, correlation: "\(parts.name)/\(number)/\(launch)", hasOwnTimeout: true)
        guard let answer = try await parts.engine.enqueue([request], actor: Dispatch.actor(of: parts.name)).first else {
            throw CancellationError()
        }
        switch answer {
        case .created(let run), .existing(let run), .replaced(let run): return run.id
        case .refused(let error): throw error
        }
    }

    private static func outcome(_ run: RunRecord, _ order: InstanceOrder) -> FrequentLaunches.Outcome {
        if case .timedOut = run.outcome { return FrequentLaunches.Outcome(isSuccess: false, result: "RUNNING_TIMEOUT") }
        let end = InstanceEnd(of: run, as: order.executeType)
        return FrequentLaunches.Outcome(isSuccess: end.status == .succeeded, result: end.result)
    }
}
