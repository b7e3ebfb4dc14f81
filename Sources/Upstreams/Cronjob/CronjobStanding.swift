import JobModel

/// How we stand with the server, as far as we know.
struct CronjobStanding: Sendable {
    var state: UpstreamStatus.State = .starting
    var lastContact: Instant?
    var lastError: String?
    var remedy: String?
    /// Categories for which the machine could not be made ready, with what went wrong.
    var unready: [String: String] = [:]
    /// Categories for which what the server gives was done, whatever came of it.
    var prepared: Set<String> = []
    /// Categories that nobody asked for by name and for which there is no component.
    var missing: Set<String> = []

    mutating func heard(at now: Instant) { lastContact = now }

    mutating func connected(at now: Instant) {
        state = .connected
        lastContact = now
        lastError = nil
        remedy = nil
    }

    /// The registration was not entered, which the server does not say.
    mutating func unregistered(_ worker: WorkerIdentity, known: String?) {
        state = .unregistered
        lastError = known.map { "the server knows worker \(worker.id) as \"\($0)\"" } ?? "the server has not entered us"
        remedy =
            "another worker may have the name \"\(worker.name)\": names are unique there; or the server takes the key over "
            + "HTTP and not within events. Until then tasks run, and stops do not reach us"
    }

    mutating func failed(_ fault: CronjobFault, server: String, key: Bool) {
        lastError = "\(fault)"
        switch fault {
        case .refused(401, _), .refused(403, _):
            state = .refused
            remedy = key ? "see that api_key is valid there" : "give api_key: the server wants one"
        case .notUpgraded(403):
            state = .refused
            remedy =
                "the token that the server gave us was used up or is unknown there: see that no other host has this "
                + "worker.id, and that the server's replicas share their locks; we try again"
        case .notUpgraded:
            state = .refused
            remedy = "see that whatever stands before \(server) passes on WebSockets at /ws/task/"
        case .refused(300..<400, _):
            state = .refused
            remedy = "write url as the server has it, with the right scheme and host"
        case .refused(404, _), .unreadable:
            state = .refused
            remedy = "see that \(server) is a cronjob server's URL with its prefix, such as http://HOST:8000/api/v1"
        case .refused:
            state = .refused
            remedy = "the server's log says more; we try again"
        case .unreachable:
            state = .unreachable
            remedy = "see that a cronjob server listens at \(server); we try again"
        }
    }

    func status(of status: UpstreamStatus, isDraining: Bool) -> UpstreamStatus {
        var status = status
        status.state = isDraining ? .draining : state
        status.lastContact = lastContact
        status.lastError = lastError
        status.remedy = remedy
        if let (_, why) = unready.min(by: { $0.key < $1.key }), remedy == nil {
            status.lastError = why
            status.remedy = "tasks of that category are left to other workers; mend it and start the host again"
        }
        return status
    }
}
