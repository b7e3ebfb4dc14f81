package import JobModel

/// What `queryInstanceStatus` answers about an instance that is being run here.
package struct InstanceDetail: Hashable, Sendable {
    package struct Tasks: Hashable, Sendable {
        package var total: Int64
        package var succeeded: Int64
        package var failed: Int64
        package var waiting: Int64
        package var running: Int64

        package init(total: Int64, succeeded: Int64, failed: Int64, waiting: Int64, running: Int64) {
            self.total = total
            self.succeeded = succeeded
            self.failed = failed
            self.waiting = waiting
            self.running = running
        }
    }

    /// One launch of a frequent instance.
    package struct Launch: Hashable, Sendable {
        package var number: Int64
        package var startTime: Int64?
        package var endTime: Int64?
        package var result: String?
        package var status: Int64

        package init(number: Int64, startTime: Int64?, endTime: Int64?, result: String?, status: Int64) {
            self.number = number
            self.startTime = startTime
            self.endTime = endTime
            self.result = result
            self.status = status
        }
    }

    package var startTime: Int64
    package var address: String
    package var tasks: Tasks?
    /// Newest first.
    package var launches: [Launch]?

    package init(startTime: Int64, address: String, tasks: Tasks? = nil, launches: [Launch]? = nil) {
        self.startTime = startTime
        self.address = address
        self.tasks = tasks
        self.launches = launches
    }

    /// With the keys alone that a server of this version knows.
    package func json(for version: ServerVersion) -> JSONValue {
        .object(present: [
            "actualTriggerTime": .number(startTime), "status": .number(InstanceStatus.running.rawValue),
            "taskTrackerAddress": .string(address), "taskDetail": tasks.map { $0.json(for: version) },
            "subInstanceDetails": launches.map { .array($0.map(\.json)) },
        ])
    }
}

extension InstanceDetail.Tasks {
    fileprivate func json(for version: ServerVersion) -> JSONValue {
        let knows = version.toleratesUnknownKeys
        return .object(present: [
            "totalTaskNum": .number(total), "succeedTaskNum": .number(succeeded), "failedTaskNum": .number(failed),
            "waitingDispatchTaskNum": knows ? .number(waiting) : nil,
            "workerUnreceivedTaskNum": knows ? 0 : nil, "receivedTaskNum": knows ? 0 : nil,
            "runningTaskNum": knows ? .number(running) : nil,
        ])
    }
}

extension InstanceDetail.Launch {
    fileprivate var json: JSONValue {
        .object(present: [
            "subInstanceId": .number(number), "startTime": startTime.map { .number($0) },
            "finishedTime": endTime.map { .number($0) }, "result": result.map(JSONValue.string),
            "status": .number(status),
        ])
    }
}
