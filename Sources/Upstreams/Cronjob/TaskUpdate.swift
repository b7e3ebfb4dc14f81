package import JobModel

/// What the server is told of a task. Members stand in alphabetical order, as the original has them.
package struct TaskUpdate: Hashable, Sendable {
    package let data: JSONValue

    /// It is ours and stored. `at`: for the date, which the server replaces by its own clock.
    package static func started(by worker: WorkerIdentity, at: Instant) -> TaskUpdate {
        TaskUpdate([
            ("status", "running"), ("time_start", .string(String(at.serverTime.prefix(10)))),
            ("worker_id", .string(worker.id)), ("worker_name", .string(worker.name)),
        ])
    }

    /// It ran to an end.
    package static func finished(_ end: TaskEnd) -> TaskUpdate {
        TaskUpdate([
            ("duration", end.milliseconds == 0 ? nil : .number(end.milliseconds)),
            ("error", end.error.isEmpty ? nil : .string(end.error)),
            ("execute_log", end.log.isEmpty ? nil : .string(end.log)),
            ("exit_code", end.exitCode == 0 ? nil : .number(end.exitCode)),
            ("output", .string(end.output.text)),
            ("status", .string(end.status.rawValue)), ("time_end", .string(end.at.serverTime)),
        ])
    }

    package enum Step: String, Hashable, Sendable {
        case createRunner = "CreateRunner"
        case parseArgs = "ParseArgs"
    }

    /// It never ran. Says who refuses, since no start was told.
    package static func refused(at step: Step, _ why: String, by worker: WorkerIdentity) -> TaskUpdate {
        TaskUpdate([
            ("action", .string(step.rawValue)), ("component", "TaskService"), ("error", .string(why)),
            ("status", "error"), ("worker_id", .string(worker.id)), ("worker_name", .string(worker.name)),
        ])
    }

    /// A stop was asked for, and it does not run here.
    package static func notHere(at: Instant) -> TaskUpdate {
        TaskUpdate([("status", "stopped"), ("time_end", .string(at.serverTime))])
    }

    package static let timedOut = TaskUpdate([("status", "timeout")])

    private init(_ members: [(String, JSONValue?)]) {
        data = .object(members.compactMap { name, value in value.map { JSONMember(name, $0) } })
    }
}

/// How a task ended, in the server's words.
package struct TaskEnd: Hashable, Sendable {
    package enum Status: String, Hashable, Sendable {
        case success, failed, error, timeout, stopped
    }

    package var status: Status
    package var output: TaskOutput
    /// What it printed; for people.
    package var log: String
    package var error: String
    package var milliseconds: Int64
    package var exitCode: Int64
    package var at: Instant

    /// The same for a server that can store little.
    package var brief: TaskEnd {
        var end = self
        end.output = output.brief
        end.log = ""
        end.error = error.cut(toBytes: 1000)
        return end
    }
}

extension Instant {
    /// `2026-01-02 03:04:05`, in UTC. The server goes by its own clock and only wants the form.
    var serverTime: String {
        String(rfc3339.prefix(19)).replacing("T", with: " ")
    }
}
