import JobModel

/// An instance whose lines go to the server, and how far they have got.
struct LogSource {
    var instance: Int64
    var rule: LogRule
    var position: Int64 = 0
    /// Read, and not taken by a server yet.
    var waiting: [LogBatch.Line] = []
    var sent = 0
    var hasNews = false
    var flushing: Task<InstanceLogs.Sent, Never>?
    /// How often in a row a server has answered that it does not take the lines that wait first.
    private(set) var refusals = 0
    /// Batches of all instances that had been taken by the first of these refusals.
    private var takenBefore = 0

    private static let mostRefusals = 5

    init(instance: Int64, rule: LogRule, hasNews: Bool = false) {
        self.instance = instance
        self.rule = rule
        self.hasNews = hasNews
    }

    /// A server has taken so many lines.
    mutating func take(_ count: Int) {
        waiting.removeFirst(min(count, waiting.count))
        refusals = 0
    }

    /// A server has answered that it does not take so many lines. `taken`: batches of all instances that servers took. True: it
    /// takes those of others and will never have these, which are let go.
    mutating func refuse(_ count: Int, taken: Int) -> Bool {
        if refusals == 0 { takenBefore = taken }
        refusals += 1
        guard refusals >= Self.mostRefusals, taken > takenBefore else { return false }
        take(count)
        return true
    }
}
