import JobEngine
import JobModel
import Logging

/// Looks after one task from when it is ours until the server has its end: holds its lock, hands over its log, reports.
///
/// The lock is held until the server shows the end, so that nobody else takes up a task whose report is still on its way.
actor Attendance {
    /// The server's id of the task.
    nonisolated let task: String
    nonisolated let run: RunID
    let context: CronjobContext
    var note: TaskNote
    private let end: AsyncStream<RunRecord>
    private let endInput: AsyncStream<RunRecord>.Continuation
    private(set) var endedAt: ContinuousClock.Instant?
    private var pausing: Task<Void, Never>?
    private var startedAt: ContinuousClock.Instant?

    init(_ dispatch: Dispatch, run: RunID, context: CronjobContext) {
        task = dispatch.instance
        note = TaskNote(dispatch.note)
        self.run = run
        self.context = context
        (end, endInput) = AsyncStream.makeStream()
    }

    /// Returns when the server has the end, nobody wants it, or the caller is cancelled. `isFresh`: the server has just
    /// said that the task is pending, and its lock has just been acquired.
    func attend(isFresh: Bool) async {
        if isFresh {
            tellStart()
        } else {
            guard await takesUp() else { return await leave() }
        }
        await withTaskGroup { group in
            group.addTask { await self.keepLock() }
            async let log: Void = handOverLog(isUnsure: !isFresh)
            if let run = await end.first(where: { _ in true }) {
                await log
                await report(run)
            }
            group.cancelAll()
        }
        if !Task.isCancelled { await leave() }
    }

    /// The run has ended. Told once.
    func ended(_ run: RunRecord) {
        endedAt = .now
        endInput.yield(run)
        endInput.finish()
        pausing?.cancel()
    }

    /// Until the run ends, but no longer than this.
    func pause(_ time: Duration) async {
        guard endedAt == nil else { return }
        let pause = Task { _ = try? await Task.sleep(for: time) }
        pausing = pause
        await withTaskCancellationHandler {
            await pause.value
        } onCancel: {
            pause.cancel()
        }
    }

    /// The server sends the task again: it has not heard that we have it.
    func remind() {
        guard endedAt == nil, let startedAt, ContinuousClock.now - startedAt >= context.intervals.refresh else {
            return
        }
        tellStart()
    }

    /// The server says that the time of the task is over.
    func timeOut() async {
        note.isTimedOut = true
        await keepNote()
        _ = try? await context.ledger.cancel(task, reason: "the server says that its time is over")
    }

    private func handOverLog(isUnsure: Bool) async {
        var delivery = LogDelivery(self, isUnsure: isUnsure)
        await delivery.follow()
    }

    func noteLogged(_ position: Int64, size: Int64?) async {
        note.logged = position
        note.logSize = size
        await keepNote()
    }

    private func tellStart() {
        startedAt = .now
        context.report(.started(by: context.settings.worker, at: .now), on: task)
    }

    private func keepNote() async {
        try? await context.ledger.amend(task, note: note.bytes)
    }

    // MARK: Going on with what an earlier host had

    /// Asks the server whether the task is still ours to report. False: it is not.
    private func takesUp() async -> Bool {
        var pause = context.intervals.confirm
        while !Task.isCancelled {
            do throws(CronjobFault) {
                switch try await standing() {
                case .over: return false
                case .ours: return true
                // The lock would not outlast a long wait for the connection, so that comes first.
                case .waiting where !context.line.isOpen:
                    await context.line.whenOpen()
                    continue
                case .waiting where try await regainLock() != .busy:
                    tellStart()
                    return true
                case .waiting: break
                }
            } catch {
                context.logger.debug("cannot take up a task", metadata: ["task": "\(task)", "error": "\(error)"])
            }
            try? await Task.sleep(for: pause)
            pause = min(pause * 2, context.intervals.longestConfirm)
        }
        return true
    }

    private enum Standing {
        case waiting, ours
        /// It has ended, is gone, or somebody else runs it.
        case over
    }

    private func standing() async throws(CronjobFault) -> Standing {
        guard let task = try await context.server.task(task) else { return .over }
        return switch task.status {
        case .waiting: .waiting
        case .running where task.workerID.isEmpty || task.workerID == context.settings.workerID: .ours
        case .running, .other, .final: .over
        }
    }

    private enum Hold {
        case kept, regained, busy
    }

    private func regainLock() async throws(CronjobFault) -> Hold {
        let key = CronjobContext.lockKey(of: task)
        let seconds = context.intervals.lockSeconds
        if !note.lock.isEmpty, try await context.server.refresh(key, note.lock, for: seconds) { return .kept }
        guard let value = try await context.server.acquire(key, for: seconds) else { return .busy }
        note.lock = value
        await keepNote()
        return .regained
    }

    /// Until cancelled. A lock that is lost is acquired again as soon as it is free, unless somebody else has taken or
    /// ended the task meanwhile: then it is not ours any more.
    private func keepLock() async {
        while true {
            do { try await Task.sleep(for: context.intervals.refresh) } catch { return }
            do throws(CronjobFault) {
                if try await regainLock() != .kept, try await standing() == .over { return endInput.finish() }
            } catch {
                context.logger.debug("cannot refresh a lock", metadata: ["task": "\(task)", "error": "\(error)"])
            }
        }
    }

    // MARK: The end

    /// Says how it ended until the server shows it: nothing is acknowledged here, and what is said while the connection
    /// breaks is lost.
    private func report(_ run: RunRecord) async {
        let log = await LogDelivery.text(of: run.id, context.engine)
        let verdict = RunVerdict(of: run, note: note, log: log)
        var pause = context.intervals.confirm
        var timesSaid = 0
        while !Task.isCancelled {
            await context.line.whenOpen()
            // The server checks no sender: the task may be somebody else's by now, and where it cannot be asked nothing is
            // said.
            switch try? await standing() {
            case .over: return
            case .ours, .waiting:
                timesSaid += 1
                say(verdict, again: timesSaid)
            case nil: break
            }
            try? await Task.sleep(for: pause)
            pause = min(pause * 2, context.intervals.longestConfirm)
        }
    }

    /// What is said in vain again and again may be more than the server can store, which it does not say.
    private func say(_ verdict: RunVerdict, again times: Int) {
        if times == Self.mostInFull {
            context.logger.warning(
                "the server does not take the end of a task: it is told in short", metadata: ["task": "\(task)"])
        }
        switch verdict {
        case .ended(let end): context.report(.finished(times < Self.mostInFull ? end : end.brief), on: task)
        case .refused(let why): context.report(.refused(at: .parseArgs, why, by: context.settings.worker), on: task)
        }
    }

    private static let mostInFull = 5

    /// The lock is free, and nothing is owed any more.
    private func leave() async {
        guard !Task.isCancelled else { return }
        if !note.lock.isEmpty {
            try? await context.server.release(CronjobContext.lockKey(of: task), note.lock)
        }
        if endedAt != nil {
            await context.ledger.settle([run])
        } else {
            await context.ledger.silence(task, reason: "the server has ended it, or given it to somebody else")
        }
    }
}
