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
    /// It is ended because it gave no sign of life.
    private(set) var isStalled = false
    var gate = LogGate()

    init(_ order: AttemptOrder, call: UInt64, seat: Int, sentAt: Int64) {
        self.order = order
        self.call = call
        self.seat = seat
        self.sentAt = sentAt
        limit = order.limit
    }

    func start(at now: Moment) {
        startedAt = now.monotonic
        if let takenBack { ladder = Ladder(takenBack, grace: order.grace, now: now) }
    }

    /// When something is to be done about it. `lastSign` is when it last gave a sign of life, 0 for never.
    func deadline(lastSign: Int64) -> Int64 {
        if let ladder { return ladder.next?.due ?? .max }
        guard let startedAt else { return .max }
        let end = limit.map { startedAt + $0.nanoseconds } ?? .max
        return min(end, stallDeadline(startedAt, lastSign: lastSign))
    }

    /// One that waits for the host's answer is no less alive for it.
    private func stallDeadline(_ startedAt: Int64, lastSign: Int64) -> Int64 {
        guard let stall = order.stall, !isAsking else { return .max }
        return max(startedAt, lastSign, answeredAt) + stall.nanoseconds
    }

    /// Its time is over, or it was silent for too long.
    func endInTime(at now: Moment, lastSign: Int64) {
        if let startedAt, ladder == nil { isStalled = stallDeadline(startedAt, lastSign: lastSign) <= now.monotonic }
        end(.timeout, at: now)
    }

    func end(_ reason: EndReason, at now: Moment) {
        guard ladder == nil else { return }
        ladder = Ladder(reason, grace: order.grace, now: now)
    }

    func line(_ text: String, stream: LogLine.Stream, level: Int, at time: Instant) -> GuestEvent {
        .log(
            LogLine(
                run: order.key.run, attempt: order.key.number, at: time, stream: stream, level: level,
                text: order.secrets.hidden(in: text)))
    }
}
