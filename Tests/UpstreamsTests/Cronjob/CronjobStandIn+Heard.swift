// What the stand-in hears, and how it may differ from the real one.
extension CronjobStandIn {
    /// What was heard, in order.
    enum Heard: Sendable, Equatable {
        case request(Request)
        case opened(Int)
        /// The raw bytes of one WebSocket message.
        case message([UInt8], connection: Int)
        case ping(Int)
        case pong([UInt8], Int)
        case closed(Int, clean: Bool)
    }

    struct Request: Sendable, Equatable {
        var method: String
        /// Below the prefix, without the query.
        var path: String
        /// As it was written.
        var query: String
        var headers: [String: String]
        var body: [UInt8]
        var at: ContinuousClock.Instant

        func value(_ name: String) -> String? {
            let pairs = query.split(separator: "&").map { $0.split(separator: "=", maxSplits: 1).map(String.init) }
            return pairs.first { $0.first == name }.flatMap { $0.count == 2 ? $0[1] : nil }
        }
    }

    /// A deviation from what the real server does.
    enum Whim: Hashable, Sendable {
        case refusesUpgrades, refusesKeys, answersNoPings, ignoresUpdates, hidesWorkers, losesLogAnswers,
            saysAbsurdSizes
        /// Of WebSockets.
        case stopsReading
        /// To another path of its own, or to another server.
        case sendsOn, sendsAway
        /// All requests are answered with 500.
        case isBroken
    }
}
