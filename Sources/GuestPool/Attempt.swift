import JobModel

/// One attempt from the moment its RUN frame is written until its end is reported.
final class Attempt {
    let order: AttemptOrder
    /// Its token in this guest: later attempts have higher ones.
    let call: UInt64
    let sentAt: Int64
    /// When it became the head of its guest's line; its limit counts from here.
    private(set) var startedAt: Int64?
    var output: [UInt8] = []
    var ladder: Ladder?
    /// It was asked to end before it started.
    var takenBack: EndReason?
    var printed = false
    /// From its start; nil = none.
    var limit: Duration?
    var children = ChildReader()
    /// The question of which pieces are still to come.
    var ask = AskReader()
    /// It waits for an answer.
    var isAsking = false
    var gate = LogGate()

    init(_ order: AttemptOrder, call: UInt64, sentAt: Int64) {
        self.order = order
        self.call = call
        self.sentAt = sentAt
        limit = order.limit
    }

    func start(at now: Moment) {
        startedAt = now.monotonic
        if let takenBack { ladder = Ladder(takenBack, grace: order.grace, now: now) }
    }

    /// When something is to be done about it.
    var deadline: Int64 {
        if let ladder { return ladder.next?.due ?? .max }
        guard let startedAt, let limit else { return .max }
        return startedAt + limit.nanoseconds
    }

    func end(_ reason: EndReason, at now: Moment) {
        guard ladder == nil else { return }
        ladder = Ladder(reason, grace: order.grace, now: now)
    }

    func line(_ text: String, stream: LogLine.Stream, level: Int, at time: Instant) -> GuestEvent {
        .log(
            LogLine(
                run: order.key.run, attempt: order.key.number, at: time, stream: stream, level: level, text: text))
    }
}
