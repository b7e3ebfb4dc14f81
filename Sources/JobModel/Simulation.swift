/// What a job's schedule and policies would do in a stretch of time: the engine's own rules, with an assumed duration in
/// place of real runs.
package struct Simulation: Hashable, Sendable {
    package struct Run: Hashable, Sendable {
        /// The planned instant.
        package var planned: Instant
        package var start: Instant
        package var end: Instant
    }

    /// What holds for every job.
    package struct World: Hashable, Sendable {
        package var from: Instant
        /// Planned instants after this are not looked at.
        package var until: Instant
        /// When the host is down; rising.
        package var outages: [Range<Instant>]

        package init(from: Instant, until: Instant, outages: [Range<Instant>] = []) {
            self.from = from
            self.until = until
            self.outages = outages.sorted { $0.lowerBound < $1.lowerBound }
        }
    }

    /// In the order in which they were decided.
    package private(set) var runs: [Run] = []
    package private(set) var skips: [Firing.Skip] = []
    /// Runs that an outage or a replacement ended early; after an outage they go again.
    package private(set) var cutShort = 0
    /// Ends of runs that have not ended.
    private var open: [Instant] = []

    /// `schedule` is the job's, with `world.from` as its anchor. At most `most` decisions are made.
    package init(of job: JobDefinition, schedule: Schedule, takes: Duration, in world: World, most: Int) {
        guard job.enabled else { return }
        var watermark = world.from
        for _ in 0..<most {
            guard let next = schedule.next(after: watermark), next <= world.until else { return }
            let now = world.up(next + job.startOffset)
            open.removeAll { $0 <= now }
            guard
                let firing = Firing(of: job, schedule: schedule, after: watermark, now: now, openRuns: open.count)
            else { return }
            apply(firing, job, takes, world, now)
            watermark = firing.watermark
            // The next is counted from the end of this one.
            if schedule.isCountedFromEnd, let end = open.last { watermark = max(end, watermark) }
        }
    }

    private mutating func apply(
        _ firing: Firing, _ job: JobDefinition, _ takes: Duration, _ world: World, _ now: Instant
    ) {
        skips += firing.skips
        if firing.replaces { replace(now) }
        for run in firing.runs where run.fireAt <= world.until {
            let start = world.up(max(run.start, room(job.overlap)))
            var end = start + takes
            for outage in world.outages where start < outage.lowerBound && outage.lowerBound < end {
                end = outage.upperBound + takes
                cutShort += 1
            }
            runs.append(Run(planned: run.fireAt, start: start, end: end))
            open.append(end)
        }
    }

    /// When one more may start.
    private func room(_ overlap: OverlapPolicy) -> Instant {
        guard let most = overlap.atOnce, open.count >= most else { return .distantPast }
        return open.sorted()[open.count - most]
    }

    private mutating func replace(_ now: Instant) {
        for index in runs.indices.reversed().prefix(open.count) where runs[index].end > now {
            runs[index].end = max(now, runs[index].start)
            cutShort += 1
        }
        open = []
    }
}

extension Simulation.World {
    /// The first moment from an instant on at which the host is up.
    func up(_ instant: Instant) -> Instant {
        outages.first { $0.contains(instant) }?.upperBound ?? instant
    }
}
