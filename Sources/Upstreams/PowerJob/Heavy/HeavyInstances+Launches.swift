import JobEngine
package import JobModel
import Logging

/// Launches of instances that go on until they are stopped. Each is a run, or a family of runs, of its own, and a dispatch
/// that this host owes itself: it is settled when the note of its instance counts it. So whatever dies, each launch counts
/// once, and no number is given twice.
extension HeavyInstances {
    func launch(_ number: Int64) async {
        guard
            let launch = instances[number]?.launches?.launch(now: MonotonicTime.now, time: parts.clock.now),
            let order = instances[number]?.order
        else { return }
        Task { await self.make(LaunchName(instance: number, launch: launch), order) }
    }

    private func make(_ name: LaunchName, _ order: InstanceOrder) async {
        do {
            let run = try await start(name, order)
            // Stopped meanwhile: nobody else would end it.
            guard instances[name.instance] != nil else { return await giveUp(name) }
            await beginLaunch(name, run)
        } catch EngineError.stopping {
            // The next host goes on.
            instances[name.instance]?.launches?.rest(without: name.launch)
        } catch {
            let words = (error as? EngineError)?.words ?? "\(error)"
            await count(name, FrequentLaunches.Outcome(isSuccess: false, result: "the launch was not made: \(words)"))
        }
    }

    /// Its children are tasks, if it has any and has not ended by now.
    func beginLaunch(_ name: LaunchName, _ run: RunID) async {
        guard let instance = instances[name.instance], instance.order.executeType != .standalone,
            instance.launches?.numbersRunning.contains(name.launch) == true
        else { return }
        await beginFamily(FamilyName(instance: name.instance, launch: name.launch), run, root: "\(name.launch)")
    }

    private func start(_ name: LaunchName, _ order: InstanceOrder) async throws -> RunID {
        guard let parent = instances[name.instance]?.run else { throw EngineError.stopping }
        let record = try await parts.engine.run(parent)
        var policy = record.policy
        policy.placement = nil
        policy.timeout = order.timeout
        // The next launch is the next try.
        policy.retry = RetryPolicy(attempts: 1, delay: .fixed(.zero), crashes: 1)
        var request = RunRequest(
            component: record.component, params: record.params, policy: order.shape(policy, own: own),
            queue: record.queue, correlation: "\(parts.name)/\(name.instance)/\(name.launch)", hasOwnTimeout: true)
        request.dispatch = Dispatch(upstream: parts.name, instance: name.text)
        switch try await parts.ledger.take(request) {
        case .created(let run), .existing(let run), .replaced(let run): return run.id
        case .refused(let error): throw error
        }
    }

    /// A launch has ended, perhaps before this host started.
    package func launchEnded(_ ended: EndedDispatch) async {
        guard let name = LaunchName(ended.dispatch.instance), let order = instances[name.instance]?.order,
            await parts.ledger.owed(ended.dispatch.instance)?.run == ended.run.id
        else { return await parts.ledger.settle([ended.run.id]) }
        if instances[name.instance]?.countedBefore.contains(ended.run.id) == true {
            await parts.ledger.settle([ended.run.id])
            instances[name.instance]?.countedBefore.remove(ended.run.id)
            return
        }
        instances[name.instance]?.launches?.adopt(name.launch, time: parts.clock.now)
        await count(name, Self.outcome(ended.run, order), ended.run.id)
    }

    private func count(_ name: LaunchName, _ outcome: FrequentLaunches.Outcome, _ run: RunID? = nil) async {
        endFamily(FamilyName(instance: name.instance, launch: name.launch))
        let isAlarming = instances[name.instance]?.launches?.ended(
            name.launch, outcome, now: MonotonicTime.now, time: parts.clock.now)
        if let run, let ended = instances[name.instance]?.launches?.ended {
            instances[name.instance]?.counted.append((run, ended))
        }
        if isAlarming == true { await hurryReport(of: name.instance) }
        await pump()
    }

    private static func outcome(_ run: RunRecord, _ order: InstanceOrder) -> FrequentLaunches.Outcome {
        if case .timedOut = run.outcome { return FrequentLaunches.Outcome(isSuccess: false, result: "RUNNING_TIMEOUT") }
        let end = InstanceEnd(of: run, as: order.executeType)
        return FrequentLaunches.Outcome(isSuccess: end.status == .succeeded, result: end.result)
    }

    /// Goes on with the launches that an earlier host made. Those of which the instance is gone end.
    func adoptLaunches(_ open: some Sequence<OpenDispatch>) async {
        let named = open.compactMap { open in LaunchName(open.dispatch.instance).map { (name: $0, run: open.run) } }
        for (name, run) in named.sorted(by: { $0.name.launch < $1.name.launch }) {
            guard instances[name.instance]?.launches != nil else {
                await giveUp(name)
                continue
            }
            instances[name.instance]?.launches?.adopt(name.launch, time: parts.clock.now)
            await beginLaunch(name, run)
        }
    }

    func giveUp(_ name: LaunchName) async {
        await parts.ledger.silence(name.text, reason: "the instance has ended")
    }

    // MARK: What the server has heard

    /// The server has taken what `describe` said.
    package func told(_ number: Int64) { instances[number]?.alert = nil }

    /// That is stored with the instance: what it counts is owed no more.
    package func kept(_ number: Int64, _ state: JSONValue) async {
        guard let ended = FrequentLaunches.ended(in: state["launches"]), let counted = instances[number]?.counted else {
            return
        }
        let told = counted.prefix { $0.ended <= ended }.map(\.run)
        instances[number]?.counted.removeFirst(told.count)
        await parts.ledger.settle(told)
    }
}
