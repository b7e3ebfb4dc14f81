import JobModel

/// Arguments of the fast path, in the order of the statements.
extension Bindings {
    mutating func add(_ run: RunRecord, component: Int64, queue: Int64, policy: Int64?) throws {
        try add(run.id)
        try add(component)
        try add(queue)
        try add(run.job)
        try add(run.jobName)
        try add(run.source.rawValue)
        try add(run.state.rawValue)
        try add(run.priority)
        try add(run.due.microseconds)
        try add(run.createdAt.microseconds)
        try add(run.fireAt?.microseconds)
        try add(run.uniqueKey)
        try add(run.params)
        try add(policy)
        try add(run.parent)
        try add(run.root == run.id ? nil : run.root)
        try add(run.finishedAt?.microseconds)
        try add(run.reason)
        try add(run.stage.rawValue)
        try add(run.childIndex)
        try add(run.label)
        try add(run.givenTrace)
        try add(run.passedOver?.from.microseconds)
        try add(run.passedOver?.to.microseconds)
        try add(run.passedOver.map { Int64($0.count) })
        try add(run.tags.text)
        try add(run.correlation)
        try add(run.wanted?.microseconds)
        try add(run.cause)
        try add(run.depth)
        try add(run.gate.rawValue)
        try add(run.actor)
        try add(run.instance)
    }

    mutating func add(_ finish: Finish, outputFile: String?) throws {
        let end = finish.attempt.end
        try add(finish.state.rawValue)
        try add(finish.due.microseconds)
        try add(finish.counters.failures)
        try add(finish.counters.crashes)
        try add(finish.counters.interruptions)
        try add(end.startedAt.microseconds)
        try add(end.finishedAt.microseconds)
        try add(end.outcome.stored)
        try add(end.code)
        if end.output.isEmpty || outputFile != nil { skip() } else { try add(end.output) }
        try add(outputFile)
        try add(end.message)
        try add(finish.attempt.run)
        try add(finish.attempt.number)
    }

    mutating func add(_ attempt: AttemptRecord) throws {
        let end = attempt.end
        try add(attempt.run)
        try add(attempt.number)
        try add(end.outcome.stored)
        try add(end.code)
        try add(end.message)
        try add(end.retryAfter?.microseconds)
        try add(end.startedAt.microseconds)
        try add(end.finishedAt.microseconds)
        try add(end.guest)
        try add(end.cpu.microseconds)
        if let evidence = end.evidence { try add(JSONText.encode(evidence)) } else { skip() }
        if end.metrics.isEmpty { skip() } else { try add(JSONText.encode(end.metrics)) }
        try add(end.outputBytes)
        try add(end.peakMemory)
    }

    mutating func add(_ lane: Lanes.IDs, due: Instant) throws {
        try add(lane.queue)
        try add(lane.component)
        try add(lane.priority)
        try add(due.microseconds)
    }
}
