/// Says why a run has not started, or why it ended as it did. Pure.
package func explain(_ facts: RunFacts) -> Explanation {
    switch facts.run.state {
    case .pending: facts.whyPending
    case .running: facts.whyRunning
    case .held: facts.whyHeld
    case .succeeded, .failed, .cancelled, .skipped, .expired: facts.whyEnded
    }
}

extension RunFacts {
    fileprivate var whyPending: Explanation {
        let checks: [Obstacle?] = [
            hostObstacle, childrenObstacle, componentObstacle, quarantineObstacle, crashObstacle, grantObstacle,
            paramsObstacle, timeObstacle, pauseObstacle, overlapObstacle, componentLimitObstacle, guestsObstacle,
            familyObstacle, rateObstacle, limitObstacle, orderObstacle,
        ]
        let obstacles = checks.compactMap(\.self)
        let expiry = run.policy.notAfter.flatMap { hasBegun ? nil : run.due + $0 }
        let end = expiry.map { " If it has not started by \($0.rfc3339), it expires." } ?? ""
        guard !obstacles.isEmpty else {
            return Explanation("Nothing stands in its way: it is about to start.\(end)")
        }
        let count = obstacles.count == 1 ? "one thing is" : "\(obstacles.count) things are"
        return Explanation("It has not started: \(count) in its way.\(end)", obstacles: obstacles)
    }

    /// An attempt of it was made, or a step before it: it does not expire any more.
    private var hasBegun: Bool { run.counters.starts > 0 || run.gate != .ahead }

    private var hostObstacle: Obstacle? {
        trouble.map { Obstacle(.host, "No runs are started: \($0).", command: "berth doctor") }
    }

    private var childrenObstacle: Obstacle? {
        guard run.openChildren > 0 else { return nil }
        if run.gate == .waiting { return stepObstacle }
        if run.children == 0 {
            return Obstacle(
                .step, "A step before it is being stopped.", command: "berth runs list --parent \(run.id)")
        }
        return Obstacle(
            .children, "It waits for \(run.openChildren) of its \(run.children) children.",
            command: "berth runs list --parent \(run.id) --state pending,running,held")
    }

    private var stepObstacle: Obstacle {
        guard let step else {
            return Obstacle(.step, "It waits for its pre-step.", command: "berth runs list --parent \(run.id)")
        }
        return Obstacle(
            .step, "It waits for its pre-step, run \(step.id) (\(step.component)), which is \(step.state.word).",
            command: "berth runs explain \(step.id)")
    }

    private var timeObstacle: Obstacle? {
        guard run.due > now else { return nil }
        let time = "\(run.due.rfc3339) (in \((run.due - now).rounded.berthText))"
        if run.counters.starts > 0 {
            let before = run.reason.map { ": \($0)" } ?? ""
            return Obstacle(
                .retryDelay, "Attempt \(run.counters.starts) ended\(before); the next may start at \(time).",
                command: dueAtOnce)
        }
        let planned = run.fireAt.map { $0 == run.due ? "" : ", planned for \($0.rfc3339)" } ?? ""
        return Obstacle(
            .notDue, "It is due at \(time)\(planned).", command: dueAtOnce)
    }

    private var dueAtOnce: String { "berth runs edit \(run.id) --in 0s" }

    private var pauseObstacle: Obstacle? {
        guard queueIsPaused else { return nil }
        return Obstacle(.queuePaused, "The queue \(run.queue) is paused.", command: "berth queue resume \(run.queue)")
    }

    private var overlapObstacle: Obstacle? {
        guard let first = behind.first else { return nil }
        let rest = behind.count > 1 ? " and \(behind.count - 1) more" : ""
        let verb = behind.count > 1 ? "have" : "has"
        return Obstacle(
            .overlap, "Its job lets no more of its runs go at once: run \(first)\(rest) \(verb) to end first.",
            command: "berth runs cancel \(first)")
    }

    private var limitObstacle: Obstacle? {
        guard running >= slots else { return nil }
        let word = slots == 1 ? "slot is" : "slots are"
        return Obstacle(
            .limit, "All \(slots) \(word) taken in the queue \(run.queue).",
            command: slots < mostSlots
                ? "berth queue set \(run.queue) --slots \(min(mostSlots, max(1, slots * 2)))"
                : "berth runs list --queue \(run.queue) --state running")
    }

    private var mostSlots: Int { QueueChange.slotCounts.upperBound }

    private var rateObstacle: Obstacle? {
        guard let rateFreeAt, rateFreeAt > now else { return nil }
        return Obstacle(
            .rate, "The rate of the queue \(run.queue) is used up until \(rateFreeAt.rfc3339).",
            command: "berth queue set \(run.queue) --rate none")
    }

    private var orderObstacle: Obstacle? {
        guard ahead > 0 else { return nil }
        let number = (mayBeMoreAhead ? "At least " : "") + (ahead == 1 ? "1 run goes" : "\(ahead) runs go")
        return Obstacle(
            .priority,
            "\(number) before it in the queue \(run.queue), by priority (its own is \(run.priority)) or age.",
            command: "berth runs list --queue \(run.queue) --state pending")
    }

    // MARK: Under way

    fileprivate var whyRunning: Explanation {
        let since = run.startedAt.map { " since \($0.rfc3339)" } ?? ""
        let limit = timeout.map { ", which may take \($0.berthText)" } ?? ""
        return Explanation(
            "It runs\(since): attempt \(run.counters.starts)\(limit)\(leaving).",
            commands: ["berth runs logs \(run.id) -f", "berth runs cancel \(run.id)"])
    }

    /// Nil also where it has to end before.
    private var timeout: Duration? {
        guard let timeout = run.policy.timeout, let leavesAt, let start = run.startedAt else {
            return run.policy.timeout
        }
        return start + timeout < leavesAt ? timeout : nil
    }

    private var leaving: String {
        guard isLeaving else { return "" }
        let end = leavesAt.map { "it \(now < $0 ? "is" : "was") asked to end at \($0.rfc3339)" } ?? "it may end there"
        return ", in a version of \(run.component.plugin) that is not the active one any more; \(end)"
    }

    fileprivate var whyHeld: Explanation {
        let isPaused = lastChange?.from == .pending && lastChange?.to == .held
        let reason = run.reason ?? (isPaused ? "a person paused it" : "a person has to say what is to become of it")
        let command = isPaused ? "berth runs resume \(run.id)" : "berth runs retry \(run.id)"
        return Explanation(
            isPaused ? "It is paused." : "It is held.",
            obstacles: [Obstacle(.held, reason.asSentence, command: command)],
            commands: isPaused ? [] : ["berth runs logs \(run.id)", "berth runs resolve \(run.id) --as succeeded"])
    }
}

extension Duration {
    /// To what people look at: seconds, from two of them on.
    fileprivate var rounded: Duration { self >= .seconds(2) ? .seconds((microseconds + 500_000) / 1_000_000) : self }
}

extension String {
    /// With a capital letter and a full stop.
    var asSentence: String { sentence.withStop }
}
