import HostHTTP

/// What the process says with its exit code.
enum Exit: Int32, CaseIterable {
    case done = 0
    case runFailed = 1
    case usage = 2
    case unreachable = 3
    case notFound = 4
    case refused = 5
    case unavailable = 6

    /// The one place that maps what the host refuses to an exit code.
    init(_ code: ProblemCode) {
        switch code {
        case .badJSON, .bodyTooLarge, .methodNotAllowed, .unknownField, .invalidField, .invalidParams, .invalidSchedule,
            .invalidFilter:
            self = .usage
        case .notFound, .componentNotFound, .pluginNotFound, .queueNotFound, .jobNotFound, .runNotFound, .noRuns,
            .upstreamNotFound:
            self = .notFound
        case .unauthorized, .hostNotAllowed, .originNotAllowed, .notGranted, .wrongState, .jobOwned, .pluginState,
            .keyTaken, .queueFull, .queueDraining, .jobExists, .jobPaused, .jobDisabled, .jobRunning,
            .schedulerNotStarted, .schedulerAlreadyStarted:
            self = .refused
        case .storeFailing, .stopping, .notReady, .internalError, .diskFull, .readOnly, .storeLocked, .storeCorrupt,
            .tooManyFiles, .failingDisk, .noGuests:
            self = .unavailable
        }
    }
}

/// A command could not do what it was asked: one sentence for people, and the code for scripts.
struct Failure: Error, Hashable {
    var exit: Exit
    var message: String
    /// What was refused, and as which field, where the host said so.
    var value: String?
    var field: String?

    init(_ exit: Exit, _ message: String) {
        self.exit = exit
        self.message = message
    }

    init(_ problem: Problem) {
        self.init(Exit(problem.code), problem.detail)
        value = problem.value
        field = problem.field
    }
}
