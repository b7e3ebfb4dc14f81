import JobEngine
import JobModel
import Logging

extension CronjobUpstream {
    /// An event of the server's. Returns at once: nothing that is heard waits for what was heard before.
    func hear(_ json: [UInt8], _ context: CronjobContext) {
        standing.heard(at: .now)
        let event: ServerEvent
        do throws(CronjobFault) {
            event = try ServerEvent(json)
        } catch {
            return logger.warning("passed over an event", metadata: ["error": "\(error)"])
        }
        if let complaint = event.complaints.first {
            let count = event.complaints.count
            logger.warning("passed over tasks", metadata: ["count": "\(count)", "error": "\(complaint)"])
        }
        // The real server sends five at most; what is left comes again.
        for task in event.tasks.prefix(200) where concernsUs(task) {
            switch event.action {
            case .run, .retry: if takes(task) { begin { await self.start(task, context) } }
            case .stop: begin { await self.stop(task, context, atOnce: false) }
            case .kill: begin { await self.stop(task, context, atOnce: true) }
            case .timeout: begin { await self.timeOut(task, context) }
            }
        }
    }

    private func concernsUs(_ task: ServerTask) -> Bool {
        let select = task.metadata.workerSelect
        return select.isEmpty || select.contains(settings.workerID) || select.contains(settings.workerName)
    }

    private func takes(_ task: ServerTask) -> Bool {
        worker.categories.contains(task.category)
    }

    // MARK: Run

    /// The server sends a task every few seconds until it hears that somebody has it: each time is only a hint.
    private func start(_ task: ServerTask, _ context: CronjobContext) async {
        guard consider(task.id) else { return }
        defer { considered(task.id) }
        if let owed = await ledger.owed(task.id) {
            await attendance(of: owed.run)?.remind()
            return
        }
        do throws(CronjobFault) {
            let key = CronjobContext.lockKey(of: task.id)
            let asked = ContinuousClock.now
            guard let lock = try await context.server.acquire(key, for: settings.intervals.lockSeconds) else { return }
            if await isPending(task.id, context), await take(task, lock: lock, since: asked, context) { return }
            try await context.server.release(key, lock)
        } catch {
            logger.debug("left a task", metadata: ["task": "\(task.id)", "error": "\(error)"])
        }
    }

    /// A server that cannot say so sends it again.
    private func isPending(_ task: String, _ context: CronjobContext) async -> Bool {
        (try? await context.server.task(task))?.status == .waiting
    }

    /// Stores it and goes on with it. False: it does not run here, and the server knows.
    private func take(
        _ task: ServerTask, lock: String, since asked: ContinuousClock.Instant, _ context: CronjobContext
    ) async -> Bool {
        do throws(TaskRefusal) {
            let note = TaskNote(lock: lock, savesLog: task.savesLog)
            let dispatch = Dispatch(upstream: name, instance: task.id, note: note.bytes)
            let plan = try await plan(for: task, context)
            let request = try plan.request(for: task, dispatch: dispatch)
            try plan.checkSecrecy(of: request, schema: await host.engine.catalog.masks[plan.component])
            guard let since = await confirmed(lock, of: task.id, since: asked, context) else { return false }
            guard let answer = try? await ledger.take(request) else { return false }
            switch answer {
            case .created(let run), .existing(let run), .replaced(let run):
                attend(dispatch, run.id, context, isFresh: .now - since < context.intervals.refresh)
                return true
            case .refused(let error):
                guard let refusal = TaskRefusal(error) else { return false }
                throw refusal
            }
        } catch {
            logger.warning(
                "refused a task", metadata: ["task": "\(task.id)", "name": "\(task.name)", "reason": "\(error.why)"])
            await refuse(task, error, context)
            return false
        }
    }

    /// When a lock that was asked for then was last known to be ours; nil: it is not any more.
    private func confirmed(
        _ lock: String, of task: String, since asked: ContinuousClock.Instant, _ context: CronjobContext
    ) async -> ContinuousClock.Instant? {
        let now = ContinuousClock.now
        guard now - asked > settings.intervals.refresh / 2 else { return asked }
        let key = CronjobContext.lockKey(of: task)
        let isOurs = (try? await context.server.refresh(key, lock, for: settings.intervals.lockSeconds)) == true
        return isOurs ? now : nil
    }

    /// The lock is held until the server shows the refusal, or a few seconds have passed: whoever got it before would run
    /// the task.
    private func refuse(_ task: ServerTask, _ refusal: TaskRefusal, _ context: CronjobContext) async {
        var pause = settings.intervals.confirm
        for _ in 0..<4 {
            context.report(.refused(at: refusal.step, refusal.why, by: settings.worker), on: task.id)
            try? await Task.sleep(for: pause)
            if case .final = (try? await context.server.task(task.id))?.status { return }
            pause = pause * 2
        }
    }

    private func plan(for task: ServerTask, _ context: CronjobContext) async throws(TaskRefusal) -> TaskPlan {
        let category = settings.categories[task.category] ?? CategorySettings()
        guard let text = category.component ?? StandardCategory.components[task.category] else {
            throw TaskRefusal(.createRunner, StandardCategory.refusal(of: task.category))
        }
        let component: ComponentName
        do throws(UnknownComponent) {
            component = try UpstreamText.component(
                text, aliases: host.aliases, among: await host.engine.components())
        } catch {
            throw TaskRefusal(.createRunner, "category \"\(task.category)\": \(error)")
        }
        var plan = TaskPlan(component: component, settings: category, queue: settings.queue)
        for (member, id) in try plan.credentialIDs(of: task) {
            do throws(CronjobFault) {
                plan.credentials[member] = try await context.server.credential(id)
            } catch {
                throw TaskRefusal(.parseArgs, "\"\(member)\": cannot have the credential \(id.excerpt): \(error)")
            }
        }
        return plan
    }

    // MARK: Stop

    private func stop(_ task: ServerTask, _ context: CronjobContext, atOnce: Bool) async {
        guard await isOurs(task.id) else {
            if await isNobodys(task.id, context) { context.report(.notHere(at: .now), on: task.id) }
            return
        }
        // The server says it once: a store that fails is waited for.
        while !Task.isCancelled {
            do throws(EngineError) {
                _ = try await ledger.cancel(task.id, reason: "the server asked for it", atOnce: atOnce)
                return
            } catch {
                if case .stopping = error { return }
                try? await Task.sleep(for: settings.intervals.confirm)
            }
        }
    }

    private func timeOut(_ task: ServerTask, _ context: CronjobContext) async {
        if await isOurs(task.id), let owed = await ledger.owed(task.id) {
            await attendance(of: owed.run)?.timeOut()
        } else if await isNobodys(task.id, context) {
            context.report(.timedOut, on: task.id)
        }
    }

    /// One that is just being taken is waited for.
    private func isOurs(_ task: String) async -> Bool {
        while isConsidering(task), !Task.isCancelled { try? await Task.sleep(for: .milliseconds(10)) }
        return await ledger.owed(task) != nil
    }

    /// Whoever runs it elsewhere says how it ends; where the server cannot be asked nothing is said.
    private func isNobodys(_ task: String, _ context: CronjobContext) async -> Bool {
        do throws(CronjobFault) {
            guard let found = try await context.server.task(task) else { return true }
            if case .final = found.status { return false }
            return found.workerID.isEmpty || found.workerID == settings.workerID
        } catch {
            return false
        }
    }
}

extension TaskRefusal {
    /// Nil where the task may be taken later, here or elsewhere: the server sends it again.
    init?(_ error: EngineError) {
        switch error {
        case .componentNotFound(let name, let known):
            let hint = Spelling.sentence(for: name.description, among: known)
            self.init(.createRunner, "there is no component \(name) here. \(hint)")
        case .notGranted(let refusal): self.init(.createRunner, "\(refusal)")
        case .queueNotFound(let queue): self.init(.createRunner, "there is no queue \"\(queue)\" here")
        case .paramsRefused(_, _, let refusal): self.init(.parseArgs, "\(refusal)")
        case .invalid(let field, let value, let reason):
            self.init(.parseArgs, "\(field) \(reason); it is \(value.excerpt)")
        default: return nil
        }
    }
}
