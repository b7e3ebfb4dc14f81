import JobEngine
import JobModel
import Logging

/// Instances of more than one task: broadcast, map, map-reduce, and those launched again and again.
///
/// The tasks of an instance are children of its run. They are stored here and nowhere else; other workers borrow them. So
/// whatever dies, this host knows what is left to do.
package actor HeavyInstances {
    let parts: PowerJobParts
    let borrowed: BorrowedTasks
    let own: String

    var instances: [Int64: HeavyInstance] = [:]
    /// Which family the children of a run are of.
    var families: [RunID: FamilyName] = [:]
    private(set) var isRecovered = false
    private var takes = 0
    /// Ended while they were being taken.
    private var early: Set<Int64> = []
    private var alarm: (at: Instant, sleeper: Task<Void, Never>)?
    private let loans: AsyncStream<Loan>
    private let sends: AsyncStream<Send>
    private let sendsInput: AsyncStream<Send>.Continuation
    /// Has an instance reported at once.
    private var hurry: @Sendable (Int64) async -> Void = { _ in }
    /// Forgets an instance of which nothing is reported any more.
    private var dropReports: @Sendable (Int64) async -> Void = { _ in }

    struct FamilyName: Hashable {
        var instance: Int64
        var launch: Int64
    }

    struct Send: Sendable {
        var loan: Loan
        var order: TaskOrder
        var family: FamilyName
    }

    package init(parts: PowerJobParts) {
        self.parts = parts
        own = parts.address.description
        borrowed = BorrowedTasks(parts: parts)
        loans = parts.engine.newLoans()
        (sends, sendsInput) = AsyncStream.makeStream(of: Send.self)
    }

    /// Who reports instances to the server; said before anything is taken.
    package func report(
        hurry: @escaping @Sendable (Int64) async -> Void, drop: @escaping @Sendable (Int64) async -> Void
    ) {
        self.hurry = hurry
        dropReports = drop
    }

    /// Every instance that is here is known.
    var isSettled: Bool { isRecovered && takes == 0 }

    /// How many have not ended.
    package var count: Int { instances.count }

    // MARK: Taking and ending

    /// A dispatch of the server that is not light.
    package func take(_ order: InstanceOrder, _ intake: Intake) async -> Intake.Answer {
        guard instances[order.instance] != nil || instances.count + takes < parts.settings.mostHeavy else {
            parts.logger.warning(
                "an instance is left to the server: there are too many here",
                metadata: ["instance": "\(order.instance)"])
            return .ignored
        }
        takes += 1
        defer {
            takes -= 1
            if takes == 0 { early = [] }
        }
        do throws(OrderFault) {
            guard !order.isFrequent || FrequentLaunches(order, now: MonotonicTime.now) != nil else {
                throw order.fault(
                    "timeExpression is \(order.timeExpression ?? "missing"), not a number of milliseconds")
            }
            var request = try await intake.request(for: order)
            request.policy =
                order.isFrequent ? Self.standIn(request.policy) : order.shape(request.policy, own: own)
            return await store(request, order, intake)
        } catch {
            return await intake.refuse(order, error.reason)
        }
    }

    private func store(_ request: RunRequest, _ order: InstanceOrder, _ intake: Intake) async -> Intake.Answer {
        early.remove(order.instance)
        let state: JSONValue = ["order": order.json]
        let answer = await intake.store(request, order, heavy: state)
        guard let open = await parts.ledger.open["\(order.instance)"], early.remove(order.instance) == nil,
            instances[order.instance] == nil
        else { return answer }
        await begin(order, open, state)
        return answer
    }

    /// The run of an instance that is launched again and again is lent to nobody, and runs until it is cancelled.
    private static func standIn(_ policy: RunPolicy) -> RunPolicy {
        var policy = policy
        policy.placement = .on(InstanceOrder.launcher)
        policy.timeout = nil
        return policy
    }

    private func begin(_ order: InstanceOrder, _ open: OpenDispatch, _ state: JSONValue) async {
        let note = InstanceNote(bytes: open.dispatch.note)
        let now = MonotonicTime.now
        var instance = HeavyInstance(
            order: order, run: open.run, startTime: note?.startTime ?? open.receivedAt.microseconds / 1000)
        if order.isFrequent {
            instance.goOn(from: state, now: now)
        } else if let timeout = order.timeout {
            let age = Duration.milliseconds(max(0, parts.clock.now - instance.startTime))
            instance.deadline = now + max(.zero, timeout - age)
        }
        instances[order.instance] = instance
        for peer in order.peers(own: own) { if let place = HostPort(peer) { await parts.callers.add(place.host) } }
        if !order.isFrequent {
            await beginFamily(FamilyName(instance: order.instance, launch: order.instance), open.run, root: "0")
        }
        await pump()
    }

    /// From now on the children of this run are tasks of the instance.
    func beginFamily(_ name: FamilyName, _ parent: RunID, root: String) async {
        guard let order = instances[name.instance]?.order else { return }
        let tracker = TaskTracker(
            order, own: own, root: root, pace: parts.settings.tasks, now: MonotonicTime.now)
        instances[name.instance]?.families[name.launch] = HeavyInstance.Family(parent: parent, tracker: tracker)
        families[parent] = name
        await change(name) { tracker, now in tracker.begin(now: now) }
        for loan in (try? await parts.engine.loans()) ?? [] where loan.run.parent == parent { await lent(loan) }
    }

    func endFamily(_ name: FamilyName) {
        guard let family = instances[name.instance]?.families.removeValue(forKey: name.launch) else { return }
        families[family.parent] = nil
    }

    /// How one of these ended, whose note has `heavy`.
    package func end(of ended: EndedDispatch, _ note: InstanceNote) async -> InstanceEnd {
        let type = HeavyInstance.order(in: note.heavy)?.executeType ?? .standalone
        if let instance = Int64(ended.dispatch.instance) {
            if instances[instance] == nil, takes > 0 { early.insert(instance) }
            await forget(instance)
        }
        return InstanceEnd(of: ended.run, as: type)
    }

    /// The server wants it stopped. Its dispatch is silenced and its run cancelled by the caller.
    package func stop(_ instance: Int64) async {
        if instances[instance] == nil, takes > 0 { early.insert(instance) }
        await forget(instance)
    }

    /// No server has been in charge for five rounds: it has moved the instances that are launched again and again.
    package func loseServer() async {
        for (number, instance) in instances where instance.order.isFrequent {
            parts.logger.warning(
                "an instance is given up: no server has been in charge for long", metadata: ["instance": "\(number)"])
            await dropReports(number)
            await forget(number)
            await parts.ledger.silence("\(number)", reason: "no server has been in charge for five rounds")
        }
    }

    private func forget(_ number: Int64) async {
        guard let instance = instances.removeValue(forKey: number) else { return }
        for family in instance.families.values { families[family.parent] = nil }
        for launch in instance.launches?.numbersRunning ?? [] {
            await giveUp(LaunchName(instance: number, launch: launch))
        }
        await parts.ledger.settle(instance.counted.map(\.run))
        for address in Set(instance.families.values.flatMap(\.tracker.borrowers) + instance.order.peers(own: own)) {
            guard let place = HostPort(address), instance.order.executeType != .standalone else { continue }
            Task { [calls = parts.calls] in
                try? await calls.tell(place, BorrowedTasks.stopPath, ["instanceId": .number(number)])
            }
        }
    }

    // MARK: Life

    /// Goes on with what an earlier host was given. Before this, ends of tasks and launches are not taken.
    package func recover() async {
        let open = await parts.ledger.open.values
        let owed = Set(await parts.ledger.owed.map(\.run))
        for open in open {
            guard let note = InstanceNote(bytes: open.dispatch.note), let order = HeavyInstance.order(in: note.heavy),
                instances[order.instance] == nil
            else { continue }
            await begin(order, open, note.heavy ?? .null)
            // Nobody hears of the others again.
            instances[order.instance]?.countedBefore.formIntersection(owed)
        }
        await adoptLaunches(open)
        isRecovered = true
    }

    /// Works until it is cancelled.
    package func run() async {
        await pump()
        await withDiscardingTaskGroup { group in
            group.addTask { for await loan in self.loans { await self.lent(loan) } }
            group.addTask { await self.borrowed.run() }
            group.addTask { await self.lookForWorkers() }
            group.addTask {
                await withDiscardingTaskGroup { group in
                    for await send in self.sends { group.addTask { await self.give(send) } }
                }
            }
        }
        alarm?.sleeper.cancel()
    }

    /// Workers may come up while an instance is under way.
    private func lookForWorkers() async {
        while (try? await Task.sleep(for: parts.settings.tasks.discovery)) != nil {
            await lookForStrayLoans()
            for (number, instance) in instances
            where instance.order.executeType == .map || instance.order.executeType == .mapReduce
                || instance.order.executeType == .broadcast && instance.order.isFrequent
            {
                guard let workers = await workers(of: instance.order.job) else { continue }
                if instance.order.isFrequent { instances[number]?.order.allAddresses = workers }
                for address in workers { if let place = HostPort(address) { await parts.callers.add(place.host) } }
                for launch in instance.families.keys {
                    await change(FamilyName(instance: number, launch: launch)) { tracker, now in
                        tracker.found(workers, now: now)
                    }
                }
            }
        }
    }

    private func lookForStrayLoans() async {
        for loan in (try? await parts.engine.loans()) ?? [] where loan.run.parent.map({ families[$0] == nil }) ?? true {
            await lent(loan)
        }
    }

    func workers(of job: Int64) async -> [String]? {
        guard let server = await parts.discovery.server, let app = await parts.discovery.app,
            let data = try? await parts.calls.ask(
                server, "/server/queryJobCluster", ["appId": .number(app), "jobId": .number(job)])
        else { return nil }
        return (try? JSONParser.parse(data))?.array?.compactMap(\.string)
    }

    // MARK: Time

    /// Does what is due, and comes back when something is due again.
    func pump() async {
        // What was launched before may count against what is launched now.
        guard isRecovered else { return }
        let now = MonotonicTime.now
        for (number, instance) in instances {
            if let deadline = instance.deadline, deadline <= now { await timeOut(number) }
            for (launch, family) in instance.families {
                guard let next = family.tracker.next, next <= now else { continue }
                await change(FamilyName(instance: number, launch: launch), pumps: false) { tracker, now in
                    tracker.tick(now: now)
                }
            }
            if let next = instance.launches?.next, next <= now { await launch(number) }
        }
        arm()
    }

    private func arm() {
        guard let next = instances.values.compactMap(\.next).min() else { return }
        let now = MonotonicTime.now
        if let alarm, alarm.at <= next, alarm.at > now { return }
        alarm?.sleeper.cancel()
        // What could not be done at once is not tried in a tight circle.
        let at = max(next, now + .milliseconds(5))
        alarm = (
            at,
            Task { [weak self] in
                try? await Task.sleep(for: at - MonotonicTime.now)
                if !Task.isCancelled { await self?.pump() }
            }
        )
    }

    private func timeOut(_ number: Int64) async {
        instances[number]?.deadline = nil
        do {
            _ = try await parts.ledger.cancel("\(number)", reason: InstanceEnd.heavyTimeoutText)
        } catch {
            // The store fails.
            instances[number]?.deadline = MonotonicTime.now + parts.settings.tasks.resend
        }
    }

    // MARK: For others

    func send(_ send: Send) { sendsInput.yield(send) }
    func hurryReport(of instance: Int64) async { await hurry(instance) }
}
