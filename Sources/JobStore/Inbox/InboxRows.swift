import GRDB
package import JobModel

/// A row of `job_center`, as somebody wrote it. Nothing of it has been checked.
package struct InboxJob: Hashable, Sendable {
    package var id: Int64
    package var name: String
    package var type: String
    package var cron: String
    /// Of a hook.
    package var url: String
    package var service: String
    package var method: String
    package var args: String
    /// Seconds.
    package var timeout: Int64
    package var isEnabled: Bool
    package var system: String
    /// What we said of it before; nil for a new row.
    package var state: String?
    package var reason: String?

    package init(
        id: Int64, name: String, type: String, cron: String, url: String = "", service: String, method: String,
        args: String = "", timeout: Int64 = 300, isEnabled: Bool = true, system: String = "", state: String? = nil,
        reason: String? = nil
    ) {
        self.id = id
        self.name = name
        self.type = type
        self.cron = cron
        self.url = url
        self.service = service
        self.method = method
        self.args = args
        self.timeout = timeout
        self.isEnabled = isEnabled
        self.system = system
        self.state = state
        self.reason = reason
    }

    /// What its writer decides about.
    package var content: InboxJob {
        var content = self
        content.state = nil
        content.reason = nil
        return content
    }

    /// Values come in whatever type they were written.
    static let columns = """
        id, CAST(job_name AS TEXT), CAST(job_type AS TEXT), CAST(cron_expr AS TEXT), CAST(service_name AS TEXT), \
        CAST(service_method AS TEXT), CAST(args AS TEXT), CAST(timeout AS INTEGER), CAST(enabled AS INTEGER), \
        CAST(system_name AS TEXT), CAST(berth_state AS TEXT), CAST(berth_reason AS TEXT), CAST(hook_url AS TEXT)
        """

    init(_ row: Row) throws {
        id = try row.decode(atIndex: 0)
        name = try row.text(1)
        type = try row.text(2)
        cron = try row.text(3)
        service = try row.text(4)
        method = try row.text(5)
        args = try row.text(6)
        timeout = try row.decode(Int64?.self, atIndex: 7) ?? 0
        isEnabled = try row.decode(Int64?.self, atIndex: 8) ?? 1 != 0
        system = try row.text(9)
        state = try row.decode(atIndex: 10)
        reason = try row.decode(atIndex: 11)
        url = try row.text(12)
    }
}

/// A row of `asynctasks` that waits to be run. Nothing of it has been checked.
package struct InboxTask: Hashable, Sendable {
    package var id: Int64
    package var name: String
    package var service: String
    package var method: String
    package var argument: String
    package var retries: Int64
    package var priority: Int64
    package var system: String
    /// Stands for this going of the row, whatever becomes of its id: a run made for it carries this key.
    package var key: String
    package var reason: String?

    package init(
        id: Int64, name: String, service: String, method: String, argument: String = "", retries: Int64 = 3,
        priority: Int64 = 0, system: String = "", key: String, reason: String? = nil
    ) {
        self.id = id
        self.name = name
        self.service = service
        self.method = method
        self.argument = argument
        self.retries = retries
        self.priority = priority
        self.system = system
        self.key = key
        self.reason = reason
    }

    static let columns = """
        id, CAST(task_name AS TEXT), CAST(service_name AS TEXT), CAST(method_name AS TEXT), CAST(arg AS TEXT), \
        CAST(max_retry_time AS INTEGER), CAST(priority AS INTEGER), CAST(system_name AS TEXT), \
        CAST(berth_key AS TEXT), CAST(berth_reason AS TEXT)
        """

    init(_ row: Row) throws {
        id = try row.decode(atIndex: 0)
        name = try row.text(1)
        service = try row.text(2)
        method = try row.text(3)
        argument = try row.text(4)
        retries = try row.decode(Int64?.self, atIndex: 5) ?? 3
        priority = try row.decode(Int64?.self, atIndex: 6) ?? 0
        system = try row.text(7)
        key = try row.text(8)
        reason = try row.decode(atIndex: 9)
    }
}

extension Row {
    /// Empty for NULL.
    fileprivate func text(_ index: Int) throws -> String { try decode(String?.self, atIndex: index) ?? "" }
}

/// Something to write into a row. Rows that are gone by then are passed over.
package enum InboxNote: Hashable, Sendable {
    /// Whether a row of `job_center` is in force; a reason when it is not.
    case job(Int64, refusal: String?)
    /// How the job of a row is doing.
    case jobRun(Int64, isRunning: Bool, last: Instant?)
    /// A run was made for a row of `asynctasks`.
    case taken(Int64, key: String, run: RunID)
    /// A row of `asynctasks` cannot be run yet.
    case waits(Int64, key: String, reason: String)
    /// A row of `asynctasks` can never be run as it is.
    case refused(Int64, key: String, reason: String)
    /// The run of a row of `asynctasks` is as recorded.
    case ended(Int64, InboxResult)
}

/// How the run of a row ended, or why it is held.
package struct InboxResult: Hashable, Sendable {
    package var run: RunID
    /// Nil: not yet.
    package var succeeded: Bool?
    package var output: String
    package var reason: String?
    package var startedAt: Instant?
    package var finishedAt: Instant?
    package var retries: Int64

    package init(
        run: RunID, succeeded: Bool?, output: String, reason: String?, startedAt: Instant?, finishedAt: Instant?,
        retries: Int64
    ) {
        self.run = run
        self.succeeded = succeeded
        self.output = output
        self.reason = reason
        self.startedAt = startedAt
        self.finishedAt = finishedAt
        self.retries = retries
    }
}
