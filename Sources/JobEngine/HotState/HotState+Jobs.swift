import JobModel
import JobStore
import PluginCatalog

extension HotState {
    /// All of them or none: everything is checked before anything is changed.
    mutating func apply(_ definitions: [JobDefinition], source: String, prune: Bool, _ ticket: Ticket, now: Instant) {
        if let error = EngineError(all: errors(in: definitions).map(\.error) + clashes(in: definitions, source: source))
        {
            return reply(ticket, .failed(error))
        }
        var report = ApplyReport()
        for definition in definitions { apply(definition, source: source, &report, now: now) }
        if prune { self.prune(keeping: Set(definitions.map(\.name)), source: source, &report) }
        report.warnings = definitions.flatMap(warnings)
        guard report.added.count + report.changed.count + report.removed.count > 0 else {
            return tellInTurn(ticket, .report(report))
        }
        tellWhenStored(ticket, .report(report), .jobsChanged)
    }

    mutating func apply(
        _ definition: JobDefinition, source: String, _ report: inout ApplyReport, now: Instant
    ) {
        guard let old = jobNames[definition.name].flatMap({ jobs[$0] })?.record else {
            lastJobID += 1
            report.added.append(definition.name)
            let record = JobRecord(
                id: lastJobID, definition: definition, source: source, anchor: now, createdAt: now)
            return store(record)
        }
        guard old.definition != definition || old.source != source else {
            return report.unchanged.append(definition.name)
        }
        report.changed.append(definition.name)
        var record = old
        record.definition = definition
        record.source = source
        let startsAnew = old.definition.schedule != definition.schedule
        if startsAnew { record.anchor = now }
        store(record)
        // What the old schedule, or the disabled job, would have done is not missed.
        if startsAnew || (definition.enabled && !old.definition.enabled) { setWatermark(record.id, now) }
    }

    private mutating func store(_ record: JobRecord) {
        emit(.putJob(record), .silent)
        put(record)
    }

    private mutating func setWatermark(_ id: JobID, _ now: Instant) {
        guard let job = jobs[id] else { return }
        let before = job.record.watermark ?? .distantPast
        guard now > before || ClockStep.isAhead(before, of: now) else { return }
        emit(.setWatermark(id, now), .silent)
        advance(job, to: now)
    }

    private mutating func prune(keeping names: Set<String>, source: String, _ report: inout ApplyReport) {
        let gone = jobs.values.map(\.record).filter { $0.source == source && !names.contains($0.definition.name) }
        for record in gone.sorted(by: { $0.definition.name < $1.definition.name }) {
            report.removed.append(record.definition.name)
            remove(record)
        }
    }

    mutating func remove(_ record: JobRecord) {
        emit(.deleteJob(record.id), .silent)
        jobs[record.id] = nil
        jobNames[record.definition.name] = nil
        unpark(.job(record.id))
    }

    /// The mutations just made are applied together; the caller hears when they are on disk.
    mutating func tellWhenStored(_ ticket: Ticket, _ words: Reply, _ announcement: Announcement) {
        batch.tags[batch.tags.count - 1] = .told(ticket, words, announcement)
    }

    /// Nothing changed; but what it rests on may not be on disk yet, so the answer goes there and back as well.
    mutating func tellInTurn(_ ticket: Ticket, _ words: Reply) {
        emit(.putQueue(queues[queueNumber("default")].record), .told(ticket, words, nil))
    }

    // MARK: One job

    mutating func setPaused(_ paused: Bool, job name: String, _ ticket: Ticket, now: Instant) {
        withJob(name, ticket) { state, job in
            guard job.record.paused != paused else { return state.tellInTurn(ticket, .jobs([state.outlook(job)])) }
            var job = job
            job.record.paused = paused
            job.plan()
            state.keep(job)
            if !paused, state.schedules == .running { state.fire(job, wasPaused: true, now: now) }
            job = state.jobs[job.record.id] ?? job
            state.emit(.setJobPaused(job.record.id, paused), .silent)
            state.tellWhenStored(ticket, .jobs([state.outlook(job)]), .jobsChanged)
        }
    }

    mutating func trigger(_ name: String, strictly: Bool, by actor: String?, _ ticket: Ticket, now: Instant) {
        withJob(name, ticket) { state, job in
            let definition = job.record.definition
            let why =
                (strictly ? state.obstacle(to: job) : nil) ?? state.componentError(job.record)
                ?? state.grantError(of: job.record) ?? state.paramsError(in: definition)
            if let error = why ?? state.refusal(of: state.queueNumber(definition.queue)) {
                return state.reply(ticket, .failed(error))
            }
            guard var record = state.newRun(of: job.record, .trigger, due: now, fireAt: nil, now: now) else { return }
            record.actor = actor
            state.replyWhenStored([.created(state.insert(record, ifTaken: nil, ticket))], ticket)
        }
    }

    /// Why the schedule of a job could not start it now, though its time had come.
    private func obstacle(to job: HotJob) -> EngineError? {
        let name = job.record.definition.name
        if schedules != .running { return .schedulesStopped }
        if !job.record.definition.enabled { return .jobDisabled(name) }
        if job.record.paused { return .jobPaused(name) }
        guard let open = openRuns[job.record.id], let run = open.started.union(open.waiting).min() else { return nil }
        return .jobRunning(name, run: run)
    }

    // MARK: A definition through the API

    mutating func putJob(
        _ definition: JobDefinition, source: String = JobSource.api, mustBeNew: Bool, _ ticket: Ticket, now: Instant
    ) {
        if mustBeNew, jobNames[definition.name] != nil {
            return reply(ticket, .failed(.jobExists(definition.name)))
        }
        if let owner = jobNames[definition.name].flatMap({ jobs[$0] })?.record.source {
            guard JobSource.isOpenToRequests(owner) else {
                return reply(ticket, .failed(.jobOwned(name: definition.name, by: owner, wanted: JobSource.api)))
            }
        }
        if let error = errors(in: [definition]).first?.error { return reply(ticket, .failed(error)) }
        var report = ApplyReport()
        apply(definition, source: source, &report, now: now)
        guard report.unchanged.isEmpty, let job = jobNames[definition.name].flatMap({ jobs[$0] }) else {
            return withJob(definition.name, ticket) { $0.tellInTurn(ticket, .jobs([$0.outlook($1)])) }
        }
        tellWhenStored(ticket, .jobs([outlook(job)]), .jobsChanged)
    }

    mutating func setEnabled(_ enabled: Bool, job name: String, _ ticket: Ticket, now: Instant) {
        withJob(name, ticket) { state, job in
            let source = job.record.source
            guard JobSource.isOpenToRequests(source) else {
                return state.reply(ticket, .failed(.enabledElsewhere(name: name, by: source)))
            }
            var definition = job.record.definition
            definition.enabled = enabled
            state.putJob(definition, source: job.record.source, mustBeNew: false, ticket, now: now)
        }
    }

    // MARK: Going

    mutating func deleteJob(_ name: String, _ ticket: Ticket) {
        withJob(name, ticket) { state, job in
            let source = job.record.source
            guard JobSource.isOpenToRequests(source) else {
                return state.reply(ticket, .failed(.jobOwned(name: name, by: source, wanted: JobSource.api)))
            }
            state.remove(job.record)
            state.tellWhenStored(ticket, .done, .jobsChanged)
        }
    }

    mutating func withJob(_ name: String, _ ticket: Ticket, _ body: (inout HotState, HotJob) -> Void) {
        guard let job = jobNames[name].flatMap({ jobs[$0] }) else { return reply(ticket, .failed(.jobNotFound(name))) }
        body(&self, job)
    }

    func outlook(_ job: HotJob) -> JobOutlook {
        JobOutlook(
            job: job.record, nextFire: schedules == .running && !waitsForEnd(job) ? job.nextFire : nil,
            obstacle: job.obstacle ?? componentObstacle(job.record), warnings: warnings(about: job.record.definition))
    }

    private func componentObstacle(_ job: JobRecord) -> String? {
        guard componentError(job) == nil else {
            return catalog.absence(of: job.definition.component)
        }
        if let obstacle = ComponentName(job.definition.component).flatMap(obstacle) { return obstacle }
        return grantRefusal(of: job).map { "\($0)" }
    }

    private func grantError(of job: JobRecord) -> EngineError? {
        grantRefusal(of: job).map(EngineError.notGranted)
    }

    private func grantRefusal(of job: JobRecord) -> GrantRefusal? {
        ComponentName(job.definition.component).flatMap { catalog.components[$0] }.flatMap(surroundings.refusal)
    }

    private func componentError(_ job: JobRecord) -> EngineError? {
        guard let name = ComponentName(job.definition.component) else {
            return .invalid(field: "component", value: job.definition.component, reason: "is no component name")
        }
        guard catalog.isComplete, catalog.components[name] == nil else { return nil }
        return .componentNotFound(name, known: catalog.components.keys.map(\.description).sorted())
    }
}

extension HotState {
    /// Why no run of a component starts, in words; nil: they do.
    func obstacle(_ name: ComponentName) -> String? {
        guard let component = catalog.components[name] else {
            return catalog.isComplete ? catalog.absence(of: name.description) : nil
        }
        if let quarantine = quarantine(of: name) { return quarantine }
        return component.hold.map {
            "\(name.plugin) is \($0); its runs wait until `berth plugin enable \(name.plugin)`"
        }
    }
}

extension CatalogSnapshot {
    /// Why a component is not there, in words.
    fileprivate func absence(of name: String) -> String {
        let plugin = ComponentName(name)?.plugin ?? ""
        let files = records(of: plugin)
        if let used = files.first(where: \.isInUse)?.descriptor {
            return
                "version \(used.version) of \(plugin), which is the active one, has no \(name); its runs wait until one has"
        }
        if let file = files.last {
            let why = file.reason.map { ": \($0)" } ?? ""
            return "the file \(file.fileName) of \(plugin) is \(file.state.words)\(why); its runs wait"
        }
        guard let lineage = standings[plugin]?.lineage, let file = lineage.current?.file, lineage.goneSince != nil
        else {
            return "no plugin offers \(name); its runs wait until one does"
        }
        return
            "no file in the plugins folder holds \(plugin) any more, which was in \(file); its runs wait until one does"
    }
}
