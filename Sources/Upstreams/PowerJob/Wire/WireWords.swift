/// How the tasks of an instance are made.
package enum ExecuteType: String, Hashable, Sendable {
    case standalone = "STANDALONE"
    case broadcast = "BROADCAST"
    case mapReduce = "MAP_REDUCE"
    case map = "MAP"
}

/// What kind of thing a processor is to the server.
package enum ProcessorType: String, Hashable, Sendable {
    case builtIn = "BUILT_IN"
    case shell = "SHELL"
    case python = "PYTHON"
    case external = "EXTERNAL"
}

/// What made the server dispatch. A name in what the server sends, a number between workers.
package enum TimeType: String, Hashable, Sendable, CaseIterable {
    case api = "API"
    case cron = "CRON"
    case fixedRate = "FIXED_RATE"
    case fixedDelay = "FIXED_DELAY"
    case workflow = "WORKFLOW"
    case dailyInterval = "DAILY_TIME_INTERVAL"

    package var number: Int64 {
        switch self {
        case .api: 1
        case .cron: 2
        case .fixedRate: 3
        case .fixedDelay: 4
        case .workflow: 5
        case .dailyInterval: 11
        }
    }

    package init?(number: Int64) {
        guard let type = TimeType.allCases.first(where: { $0.number == number }) else { return nil }
        self = type
    }

    /// Dispatched once, and then launched again and again by whoever got it.
    package var isFrequent: Bool { self == .fixedRate || self == .fixedDelay }
}

/// The states that are reported to the server.
package enum InstanceStatus: Int64, Hashable, Sendable {
    case running = 3
    case failed = 4
    case succeeded = 5

    package var isFinal: Bool { self != .running }
}
