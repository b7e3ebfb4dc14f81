/// The stable names of everything the API refuses. Names are added, never changed.
package enum ProblemCode: String, Hashable, Sendable, CaseIterable {
    case badJSON = "bad_json"
    case bodyTooLarge = "body_too_large"
    case unknownField = "unknown_field"
    case invalidField = "invalid_field"
    case invalidParams = "invalid_params"
    case unauthorized
    case hostNotAllowed = "host_not_allowed"
    case originNotAllowed = "origin_not_allowed"
    case notGranted = "not_granted"
    case notFound = "not_found"
    case methodNotAllowed = "method_not_allowed"
    case componentNotFound = "component_not_found"
    case pluginNotFound = "plugin_not_found"
    case queueNotFound = "queue_not_found"
    case jobNotFound = "job_not_found"
    case runNotFound = "run_not_found"
    case upstreamNotFound = "upstream_not_found"
    case noRuns = "no_runs"
    case wrongState = "wrong_state"
    case jobOwned = "job_owned"
    case keyTaken = "key_taken"
    case jobExists = "job_already_exists"
    case jobPaused = "job_paused"
    case jobDisabled = "job_disabled"
    case jobRunning = "job_running"
    case schedulerNotStarted = "scheduler_not_started"
    case schedulerAlreadyStarted = "scheduler_already_started"
    case invalidSchedule = "invalid_schedule"
    case invalidFilter = "invalid_filter"
    case queueFull = "queue_full"
    case queueDraining = "queue_draining"
    case pluginState = "plugin_state"
    case storeFailing = "store_failing"
    case diskFull = "disk_full"
    case readOnly = "read_only"
    case storeLocked = "store_locked"
    case storeCorrupt = "store_corrupt"
    case tooManyFiles = "too_many_files"
    case failingDisk = "failing_disk"
    case noGuests = "no_guests"
    case stopping
    case notReady = "not_ready"
    case internalError = "internal_error"

    package var status: Int {
        switch self {
        case .badJSON, .unknownField, .invalidField, .invalidParams, .invalidSchedule, .invalidFilter: 400
        case .unauthorized: 401
        case .hostNotAllowed, .originNotAllowed, .notGranted: 403
        case .notFound, .componentNotFound, .pluginNotFound, .queueNotFound, .jobNotFound, .runNotFound, .noRuns,
            .upstreamNotFound:
            404
        case .wrongState, .jobOwned, .pluginState, .keyTaken, .queueDraining, .jobExists, .jobPaused, .jobDisabled,
            .jobRunning, .schedulerNotStarted, .schedulerAlreadyStarted:
            409
        case .methodNotAllowed: 405
        case .bodyTooLarge: 413
        case .queueFull: 429
        case .internalError: 500
        case .storeFailing, .stopping, .notReady, .diskFull, .readOnly, .storeLocked, .storeCorrupt, .tooManyFiles,
            .failingDisk, .noGuests:
            503
        }
    }
}
