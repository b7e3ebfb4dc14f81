package import JobModel

/// Where a task stands. Beware: the numbers of the ends are not those of instances.
package enum TaskStatus: Int64, Hashable, Sendable, CaseIterable {
    case received = 3
    case processing = 4
    case failed = 5
    case succeeded = 6

    package var isEnd: Bool { self == .failed || self == .succeeded }
}

/// `reportTaskStatus`: how a task goes, for its tracker.
package struct TaskReport: Hashable, Sendable {
    package var instance: Int64
    package var launch: Int64
    package var taskID: String
    package var status: TaskStatus
    package var result: String?
    /// The result of a task of ours for a tracker of ours, where it is no text.
    package var output: [UInt8]?
    /// What a task of ours wants a tracker of ours to make, beside it, now that it has succeeded.
    package var children: [ChildOrder] = []
    /// Milliseconds since 1970.
    package var reportTime: Int64
    /// It is the first task of a broadcast, whose end the other tasks wait for.
    package var startsBroadcast: Bool

    package init(
        instance: Int64, launch: Int64, taskID: String, status: TaskStatus, result: String? = nil,
        output: [UInt8]? = nil, reportTime: Int64, startsBroadcast: Bool = false
    ) {
        self.instance = instance
        self.launch = launch
        self.taskID = taskID
        self.status = status
        self.result = result
        self.output = output
        self.reportTime = reportTime
        self.startsBroadcast = startsBroadcast
    }

    package static let path = "/taskTracker/reportTaskStatus"

    /// Nil when it makes no sense.
    package init?(json: JSONValue) {
        guard let instance = json["instanceId"]?.looseInteger, let taskID = json["taskId"]?.looseText,
            let status = json["status"]?.looseInteger.flatMap(TaskStatus.init(rawValue:))
        else { return nil }
        self.init(
            instance: instance, launch: json["subInstanceId"]?.looseInteger ?? instance, taskID: taskID, status: status,
            result: json["result"]?.looseText, output: json["output"]?.string.flatMap { Base64URL.decode($0) },
            reportTime: json["reportTime"]?.looseInteger ?? 0, startsBroadcast: json["cmd"]?.looseInteger == 1)
        let made = json["children"]?.array ?? []
        children = made.compactMap(ChildOrder.init(json:))
        // None of them may be missed.
        if children.count < made.count { return nil }
    }

    package var json: JSONValue {
        .object(present: [
            "instanceId": .number(instance), "subInstanceId": .number(launch), "taskId": .string(taskID),
            "status": .number(status.rawValue), "result": result.map(JSONValue.string),
            "output": output.map { .string(Base64URL.encode($0)) },
            "children": children.isEmpty ? nil : .array(children.map(\.json)), "reportTime": .number(reportTime),
            "cmd": startsBroadcast ? 1 : nil, "appendedWfContext": status.isEnd ? [:] : nil,
        ])
    }
}

/// `reportProcessorTrackerStatus`: a worker that runs tasks of an instance is alive, or has nothing left of it.
package struct BorrowerReport: Hashable, Sendable {
    package var instance: Int64
    package var address: String
    package var tasks: Int64
    /// Nothing came for a long time, and it forgets the instance.
    package var isIdle: Bool
    package var time: Int64

    package init(instance: Int64, address: String, tasks: Int64, isIdle: Bool = false, time: Int64) {
        self.instance = instance
        self.address = address
        self.tasks = tasks
        self.isIdle = isIdle
        self.time = time
    }

    package static let path = "/taskTracker/reportProcessorTrackerStatus"

    package init?(json: JSONValue) {
        guard let instance = json["instanceId"]?.looseInteger, let address = json["address"]?.string else { return nil }
        self.init(
            instance: instance, address: address, tasks: json["remainTaskNum"]?.looseInteger ?? 0,
            isIdle: json["type"]?.looseInteger == 1, time: json["time"]?.looseInteger ?? 0)
    }

    package var json: JSONValue {
        .object(present: [
            "type": .number(isIdle ? 1 : 2), "instanceId": .number(instance), "time": .number(time),
            "remainTaskNum": .number(tasks), "address": .string(address),
        ])
    }
}
