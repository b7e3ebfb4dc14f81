package import JobModel

/// How this host is a worker of a cronjob server.
package struct CronjobSettings: Hashable, Sendable {
    /// With the prefix of the API and without a slash at its end: `http://host:8000/api/v1`.
    package var url: String
    package var key: Secret
    package var team = ""
    /// A UUID.
    package var workerID: String
    package var workerName: String
    package var description = "berth"
    /// What of `categories` and of the standard ones is taken; nil: all that have a component.
    package var tasks: [String]?
    /// Over the standard ones.
    package var categories: [String: CategorySettings] = [:]
    package var queue = "default"
    /// Whether the server may have commands run on this machine to make it ready for a category.
    package var runsSetup = false
    /// Authorities that are believed beside those of the system, as a file in PEM.
    package var authorities: String?
    package var intervals = CronjobIntervals()

    package init(url: String, key: Secret, workerID: String, workerName: String) {
        self.url = url
        self.key = key
        self.workerID = workerID
        self.workerName = workerName
    }

    /// What the server is told that we take, in order.
    package var taken: [String] {
        tasks ?? Set(categories.keys).union(StandardCategory.components.keys).sorted()
    }

    package var worker: WorkerIdentity {
        WorkerIdentity(
            id: workerID, name: workerName, description: description, categories: taken, team: team)
    }
}

/// What runs for a category, and what it may have.
package struct CategorySettings: Hashable, Sendable {
    /// A component, as `UpstreamText` reads it; nil: the standard one.
    package var component: String?
    package var access = FileAccess()
    /// Nil: that of the upstream.
    package var queue: String?
    /// Members of `args` that hold the id of a credential, with the params that get what is in it.
    package var credentials: [String: String] = [:]

    package init(
        component: String? = nil, access: FileAccess = FileAccess(), queue: String? = nil,
        credentials: [String: String] = [:]
    ) {
        self.component = component
        self.access = access
        self.queue = queue
        self.credentials = credentials
    }
}

/// The original's constants, and what it lacks.
package struct CronjobIntervals: Hashable, Sendable {
    /// Between pings.
    package var ping: Duration = .seconds(30)
    /// Silence after which a server that has answered a ping before is given up.
    package var silence: Duration = .seconds(90)
    /// For which a server may take nothing of what we say.
    package var write: Duration = .seconds(30)
    /// Before the first attempt to connect again; doubled after each that fails, and moved by a fifth at most.
    package var reconnect: Duration = .seconds(5)
    package var longestReconnect: Duration = .seconds(60)
    /// For one request, and for a connection to be made.
    package var request: Duration = .seconds(30)
    /// Between refreshes of a task's lock, which lasts twice as long.
    package var refresh: Duration = .seconds(3)
    /// Between a report and the first look at whether the server has it; doubled with each that finds it has not.
    package var confirm: Duration = .milliseconds(200)
    package var longestConfirm: Duration = .seconds(10)
    /// Between additions to the server's log of a task.
    package var log: Duration = .seconds(1)
    /// How long the end of a task waits for the rest of its log to be taken.
    package var logPatience: Duration = .seconds(30)
    /// For a command that makes the machine ready.
    package var setup: Duration = .seconds(600)
    /// For the last reports of a host that stops.
    package var farewell: Duration = .seconds(10)

    package init() {}

    /// Whole seconds, as the server counts them.
    var lockSeconds: Int { max(1, Int(refresh.microseconds / 500_000)) }
}
