import JobModel

/// One attempt from the moment its RUN frame is written until its end is reported.
final class Attempt {
    let order: AttemptOrder
    /// Its token in this guest: later attempts have higher ones.
    let call: UInt64
    /// Number of its seat there.
    let seat: Int
    let sentAt: Int64
    /// When it became the first of its seat; its limit counts from here.
    private(set) var startedAt: Int64?
    var output: [UInt8] = []
    var ladder: Ladder?
    /// It was asked to end before it started.
    var takenBack: EndReason?
    var printed = false
    /// From its start; nil = none.
    var limit: Duration?
    var children = ChildReader()
    /// Numbers it reported.
    var metrics: [String: Int64] = [:]
    /// The question of which pieces are still to come.
    var ask = AskReader()
    /// It waits for an answer.
    var isAsking = false
    var answeredAt: Int64 = 0
    private var meter: CPUMeter?
    var gate: LogGate
    /// What it was held to, where that did not end it.
    var hit: LimitHit?
    /// What probably refused it something, where nothing is known.
    var refused: LimitHit?

    init(_ order: AttemptOrder, call: UInt64, seat: Int, sentAt: Int64) {
        self.order = order
        self.call = call
        self.seat = seat
        self.sentAt = sentAt
        limit = order.limit
        gate = LogGate(limit: order.logLimit)
    }

    /// `guest` is the one that runs it.
    func start(in guest: Guest, at now: Moment) {
        startedAt = now.monotonic
        meter = order.cpuLimit.map { limit in
            CPUMeter(
                limit, of: guest.process.pid, startsPrograms: guest.settings.grants.contains(.subprocess),
                now: now.monotonic)
        }
        if let takenBack { ladder = Ladder(takenBack, grace: order.grace, due: now.monotonic) }
    }

    /// When something is to be done about it. `lastSign` is when it last gave a sign of life, 0 for never.
    func deadline(lastSign: Int64) -> Int64 {
        if let ladder { return ladder.next?.due ?? .max }
        guard let startedAt else { return .max }
        let end = limit.map { startedAt + $0.nanoseconds } ?? .max
        return min(end, stallDeadline(startedAt, lastSign: lastSign), meter?.nextLook ?? .max)
    }

    /// One that waits for the host's answer is no less alive for it.
    private func stallDeadline(_ startedAt: Int64, lastSign: Int64) -> Int64 {
        guard let stall = order.stall, !isAsking else { return .max }
        return max(startedAt, lastSign, answeredAt) + stall.nanoseconds
    }

    /// Begins to end it if a limit of time is passed.
    func endInTime(at now: Moment, lastSign: Int64) {
        guard let startedAt, ladder == nil else { return }
        let stallEnd = stallDeadline(startedAt, lastSign: lastSign)
        if stallEnd <= now.monotonic {
            end(.stall, due: stallEnd)
        } else if let limit, startedAt + limit.nanoseconds <= now.monotonic {
            end(.timeout, due: startedAt + limit.nanoseconds)
        } else if meter?.isOver(at: now.monotonic) == true {
            end(.cpu, due: now.monotonic)
        }
    }

    /// `due`: when it was to begin, on the monotonic clock.
    func end(_ reason: EndReason, due: Int64) {
        guard ladder == nil else { return }
        ladder = Ladder(reason, grace: order.grace, due: due)
    }

    func line(_ text: String, stream: LogLine.Stream, level: Int, at time: Instant) -> GuestEvent {
        .log(
            LogLine(
                run: order.key.run, attempt: order.key.number, at: time, stream: stream, level: level,
                text: order.secrets.hidden(in: text)))
    }
}
