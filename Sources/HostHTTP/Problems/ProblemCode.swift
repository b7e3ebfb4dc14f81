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
    case componentNotFound = "component_not_found"
    case pluginNotFound = "plugin_not_found"
    case queueNotFound = "queue_not_found"
    case jobNotFound = "job_not_found"
    case runNotFound = "run_not_found"
    case noRuns = "no_runs"
    case wrongState = "wrong_state"
    case jobOwned = "job_owned"
    case keyTaken = "key_taken"
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
        case .badJSON, .unknownField, .invalidField, .invalidParams: 400
        case .unauthorized: 401
        case .hostNotAllowed, .originNotAllowed, .notGranted: 403
        case .notFound, .componentNotFound, .pluginNotFound, .queueNotFound, .jobNotFound, .runNotFound, .noRuns: 404
        case .wrongState, .jobOwned, .pluginState, .keyTaken, .queueDraining: 409
        case .bodyTooLarge: 413
        case .queueFull: 429
        case .internalError: 500
        case .storeFailing, .stopping, .notReady, .diskFull, .readOnly, .storeLocked, .storeCorrupt, .tooManyFiles,
            .failingDisk, .noGuests:
            503
        }
    }
}
