package import JobModel
import Logging

/// Tells the server how instances go and how they ended, by the book.
package actor InstanceReports {
    private let settings: PowerJobSettings
    private let ledger: DispatchLedger
    let discovery: Discovery
    let calls: ServerCalls
    private let clock: ReportClock
    private let logs: InstanceLogs
    private let heavy: HeavyInstances
    private let address: String
    let logger: Logger

    private var book: ReportBook
    private var underWay = 0
    private var alarm: (at: Instant, sleeper: Task<Void, Never>)?
    private let outbox: AsyncStream<ReportBook.Entry>
    private let out: AsyncStream<ReportBook.Entry>.Continuation
    /// What the host was given before it stopped or died the last time was last heard of before this.
    private let startTime: Int64
    /// Stopped while they were being stored.
    private var stopped: Set<Int64> = []
    private var stops = 0
    /// Nothing is reported any more.
    private var isOver = false
    /// Why the last report did not arrive, in words.
    package internal(set) var lastFault: String?
    /// Who wants to know what becomes of a report that is out.
    private var waiting: [Int64: [CheckedContinuation<Void, Never>]] = [:]

    /// Reports at once.
    private static let most = 64

    package init(parts: PowerJobParts, logs: InstanceLogs, heavy: HeavyInstances) {
        settings = parts.settings
        ledger = parts.ledger
        discovery = parts.discovery
        calls = parts.calls
        clock = parts.clock
        address = parts.address.description
        logger = parts.logger
        self.logs = logs
        self.heavy = heavy
        book = ReportBook(pace: parts.settings.pace)
        startTime = parts.clock.now
        (outbox, out) = AsyncStream.makeStream(of: ReportBook.Entry.self)
    }

    /// Reports until it is cancelled.
    package func run() async {
        await withDiscardingTaskGroup { group in
            for await entry in outbox { group.addTask { await self.report(entry) } }
            group.cancelAll()
        }
        alarm?.sleeper.cancel()
        isOver = true
        for waiter in waiting.values.joined() { waiter.resume() }
        waiting = [:]
    }

    /// Instances of one task that have not ended.
    package var light: Int { book.light }
    /// Ends that no server has taken yet.
    package var ends: Int { book.ends }

    /// As the server may ask for it; nil: it is not here.
    package func detail(of instance: Int64) -> InstanceDetail? {
        book[instance].map { InstanceDetail($0, address: address) }
    }

    // MARK: What happens to instances

    /// The same instance comes again when the server retries it, at once after it has taken the end: perhaps before its
    /// answer is here.
    package func claim(_ instance: Int64, _ note: InstanceNote) async -> InstanceClaim {
        let earlier = await earlierRun(of: instance)
        guard open(instance, note) else {
            book.hurry(instance, now: MonotonicTime.now)
            pump()
            return .isHere
        }
        return earlier.map(InstanceClaim.wasHere) ?? .isNew
    }

    /// The run whose end the server knows, by what can be known here.
    private func earlierRun(of instance: Int64) async -> RunID? {
        while let entry = book[instance], let end = entry.end, let run = entry.run, entry.isOut || entry.tries > 0 {
            // A failure that is run again does no harm, a success does.
            if end.status == .failed {
                // The report that is out may have a time that is a little ahead.
                book.close(instance, reportTime: clock.now(after: entry.reportTime) + 2)
                await logs.forget(run)
                return run
            }
            guard entry.isOut, !isOver else { return nil }
            await withCheckedContinuation { waiting[instance, default: []].append($0) }
            if book[instance] == nil { return run }
        }
        return nil
    }

    /// An instance that is about to be stored. False when it is here already.
    private func open(_ instance: Int64, _ note: InstanceNote) -> Bool {
        let range = settings.pace.firstReport
        let first = Duration.microseconds(
            Int64.random(in: range.lowerBound.microseconds...range.upperBound.microseconds))
        guard book.open(instance, note, firstReport: MonotonicTime.now + first) else { return false }
        stopped.remove(instance)
        pump()
        return true
    }

    /// It is stored. False when it was stopped meanwhile.
    package func stored(_ instance: Int64, as run: RunID) async -> Bool {
        guard stopped.remove(instance) == nil else { return false }
        book.store(instance, as: run)
        pump()
        guard let note = book[instance]?.note else { return true }
        await logs.follow(run, instance, LogRule(config: note.logConfig))
        // It may have ended and been reported by now.
        if book[instance]?.run != run { await logs.forget(run) }
        return true
    }

    /// It could not be stored, and the server will dispatch it anew.
    package func forget(_ instance: Int64) {
        stopped.remove(instance)
        book.drop(instance)
    }

    /// It cannot be run: told to the server as its end, unless it is being run already.
    package func refuse(_ instance: Int64, _ note: InstanceNote, reason: String) {
        guard book.open(instance, note, firstReport: MonotonicTime.now) else { return hurry(instance) }
        book.end(
            instance, InstanceEnd(status: .failed, result: reason, endTime: clock.now), now: MonotonicTime.now)
        pump()
    }

    /// The server asks for it again: it is told at once where the instance stands.
    package func hurry(_ instance: Int64) {
        book.hurry(instance, now: MonotonicTime.now)
        pump()
    }

    /// The server wants to hear nothing more of it. Gives its run, of which the ledger is to tell no end; nil: it is not here, or
    /// is being stored, and `stored` says that it was stopped.
    @discardableResult
    package func stop(_ instance: Int64) async -> RunID? {
        stops += 1
        guard let entry = book.drop(instance) else { return nil }
        if let run = entry.run {
            // Its lines are of no use to anybody there.
            await logs.forget(run)
        } else if entry.end == nil {
            stopped.insert(instance)
        }
        return entry.run
    }

    /// A dispatch has ended, which may have come before the host started. Outputs are looked at beside the reports.
    package nonisolated func finish(_ ended: EndedDispatch) async {
        guard let instance = Int64(ended.dispatch.instance), let note = InstanceNote(bytes: ended.dispatch.note) else {
            logger.error("a dispatch cannot be read", metadata: ["instance": "\(ended.dispatch.instance)"])
            return await ledger.settle([ended.run.id])
        }
        let end = note.heavy == nil ? InstanceEnd(of: ended.run) : await heavy.end(of: ended, note)
        await finish(ended, instance, note, end)
    }

    private func finish(_ ended: EndedDispatch, _ instance: Int64, _ note: InstanceNote, _ end: InstanceEnd) async {
        // It may have been stopped meanwhile, and perhaps begun anew.
        var before: Int
        repeat {
            before = stops
            guard await ledger.owed(ended.dispatch.instance)?.run == ended.run.id else { return }
        } while before != stops
        if note.isLost(receivedAt: ended.receivedAt, by: startTime, settings.pace), end.status == .failed {
            return await pass(over: ended.run.id, instance)
        }
        // In one go, so that nothing is said of it in between.
        let isOld = book.open(instance, note, firstReport: MonotonicTime.now)
        book.store(instance, as: ended.run.id)
        book.end(instance, end, now: MonotonicTime.now)
        if isOld { await logs.follow(ended.run.id, instance, LogRule(config: note.logConfig), isOld: true) }
        pump()
    }

    /// What an earlier host was given and did not end. The server gave up what it heard nothing of for too long, and may have
    /// given it to another: that is not gone on with, and it comes again if the server wants it here.
    package func resume(_ open: OpenDispatch) async {
        guard let instance = Int64(open.dispatch.instance), let note = InstanceNote(bytes: open.dispatch.note) else {
            return logger.error("a dispatch cannot be read", metadata: ["instance": "\(open.dispatch.instance)"])
        }
        guard !note.isLost(receivedAt: open.receivedAt, by: startTime, settings.pace) else {
            logger.warning(
                "the server has given an instance up while this host was away",
                metadata: ["instance": "\(instance)", "run": "\(open.run)"])
            return await ledger.silence(
                open.dispatch.instance, reason: "the server gave it up while this host was away")
        }
        _ = book.open(instance, note, firstReport: MonotonicTime.now)
        book.store(instance, as: open.run)
        await logs.follow(open.run, instance, LogRule(config: note.logConfig), isOld: true)
        pump()
    }

    /// A failure that is told late makes the server run the instance again, also one that somebody stopped meanwhile.
    private func pass(over run: RunID, _ instance: Int64) async {
        logger.warning(
            "the failure of an instance is not reported: the server gave it up while this host was away",
            metadata: ["instance": "\(instance)", "run": "\(run)"])
        await ledger.settle([run])
    }

    // MARK: Reporting

    private func pump() {
        let now = MonotonicTime.now
        while underWay < Self.most, let entry = book.take(now: now) {
            underWay += 1
            out.yield(entry)
        }
        guard underWay < Self.most, let next = book.next else { return }
        if let alarm, alarm.at <= next, alarm.at > now { return }
        alarm?.sleeper.cancel()
        alarm = (
            next,
            Task { [weak self] in
                try? await Task.sleep(for: max(.zero, next - MonotonicTime.now))
                if !Task.isCancelled { await self?.pump() }
            }
        )
    }

    private func report(_ entry: ReportBook.Entry) async {
        let reportTime: Int64
        let answer: ReportBook.Answer
        if let end = entry.end {
            if let run = entry.run {
                await logs.follow(run, entry.instance, LogRule(config: entry.note.logConfig))
                await logs.flush(run)
                // It may have been stopped while its lines were sent: then nothing is said any more.
                guard book[entry.instance]?.serial == entry.serial else { return await leave(entry) }
            }
            // One later, so that it sorts after a report of the same millisecond that is still on its way.
            reportTime = clock.now(after: entry.reportTime) + 1
            answer = await send(InstanceReport(entry, end, reportTime: reportTime, address: address), isFinal: true)
        } else {
            reportTime = clock.now(after: entry.reportTime)
            var report = InstanceReport(entry, .running, reportTime: reportTime, address: address)
            if entry.note.heavy != nil, let state = await heavy.describe(&report) {
                book.keep(state, with: entry.instance)
            }
            answer = book[entry.instance]?.serial == entry.serial ? await send(report, isFinal: false) : .taken
        }
        underWay -= 1
        let consequence = book.answered(entry, answer, reportTime: reportTime, now: MonotonicTime.now)
        wake(entry.instance)
        await follow(consequence, entry, answer)
    }

    private func leave(_ entry: ReportBook.Entry) async {
        underWay -= 1
        wake(entry.instance)
        if let run = entry.run { await logs.forget(run) }
    }

    /// Nothing of it is out any more: whoever waits for that goes on, and so does what is due.
    private func wake(_ instance: Int64) {
        for waiter in waiting.removeValue(forKey: instance) ?? [] { waiter.resume() }
        pump()
    }

    private func follow(
        _ consequence: ReportBook.Consequence, _ entry: ReportBook.Entry, _ answer: ReportBook.Answer
    ) async {
        switch consequence {
        case .goesOn:
            guard answer == .taken, let note = book[entry.instance]?.note else { return }
            if note.heavy != nil { await heavy.told(entry.instance) }
            // For the next host: from when on the server hears nothing.
            guard (try? await ledger.amend("\(entry.instance)", note: note.bytes)) != nil else { return }
            if let state = note.heavy { await heavy.kept(entry.instance, state) }
        case .settled(let run): await close(run)
        case .givenUp(let run, let reason):
            logger.error(
                "the server does not take the end of an instance, which is given up",
                metadata: ["instance": "\(entry.instance)", "reason": "\(reason)"])
            await close(run)
        }
    }

    private func close(_ run: RunID?) async {
        guard let run else { return }
        await logs.forget(run)
        await ledger.settle([run])
    }
}
