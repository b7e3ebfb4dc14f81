package import JobModel

/// `startTask`: one task of an instance, which its tracker wants run here. The instance travels with it.
package struct TaskOrder: Hashable, Sendable {
    /// Who waits for the reports.
    package var tracker: HostPort
    package var instance: InstanceOrder
    package var taskID: String
    package var taskName: String
    /// What a root stage gave to the task. A tracker of another make fills it with what only its own kind can read.
    package var content: [UInt8]?
    /// Attempts of the task that came before this one.
    package var earlierAttempts: Int
    /// The launch it is part of; the instance itself where that is not launched again and again.
    package var launch: Int64

    package init(
        tracker: HostPort, instance: InstanceOrder, taskID: String, taskName: String, content: [UInt8]? = nil,
        earlierAttempts: Int = 0, launch: Int64
    ) {
        self.tracker = tracker
        self.instance = instance
        self.taskID = taskID
        self.taskName = taskName
        self.content = content
        self.earlierAttempts = earlierAttempts
        self.launch = launch
    }

    /// Where workers take it in.
    package static let path = "/processorTracker/startTask"
}

extension TaskOrder {
    /// Nil when it makes no sense.
    package init?(json: JSONValue) {
        guard let tracker = json["taskTrackerAddress"]?.string.flatMap({ HostPort($0) }),
            let info = json["instanceInfo"], let instance = InstanceOrder(inTask: info),
            let taskID = json["taskId"]?.looseText, Self.isUsable(taskID)
        else { return nil }
        var content: [UInt8]?
        if let text = json["taskContent"]?.string {
            // What cannot be decoded was not written by one of us, and is treated as such.
            content = Base64URL.decode(text) ?? Array(text.utf8)
        }
        self.init(
            tracker: tracker, instance: instance, taskID: taskID, taskName: json["taskName"]?.looseText ?? "",
            content: content, earlierAttempts: Int(clamping: max(0, json["taskCurrentRetryNums"]?.looseInteger ?? 0)),
            launch: json["subInstanceId"]?.looseInteger ?? instance.instance)
    }

    /// It becomes part of a name.
    private static func isUsable(_ taskID: String) -> Bool {
        (1...64).contains(taskID.utf8.count)
            && taskID.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F && $0 != UInt8(ascii: "/") }
    }

    package var json: JSONValue {
        .object(present: [
            "taskTrackerAddress": .string(tracker.description), "instanceInfo": instance.jsonInTask,
            "taskId": .string(taskID), "taskName": .string(taskName),
            "taskContent": content.map { .string(Base64URL.encode($0)) },
            "taskCurrentRetryNums": .number(earlierAttempts), "subInstanceId": .number(launch),
            "logConfig": instance.logConfig.map(JSONValue.string),
        ])
    }

    /// Its place among the tasks of the instance or launch: 3 in `0.3`. Nil for the first and the last task, and for
    /// those that a task made.
    package var index: Int64? {
        let parts = taskID.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 2, let index = Int64(parts[1]), index >= 0 else { return nil }
        return index
    }
}

extension InstanceOrder {
    /// Workers write "no limit" so.
    private static let noTimeout: Int64 = 2_147_483_647

    /// As it travels with a task, where the kind of its schedule is a number.
    fileprivate init?(inTask json: JSONValue) {
        guard var members = json.members else { return nil }
        if let number = json["timeExpressionType"]?.looseInteger {
            members.removeAll { $0.name == "timeExpressionType" }
            guard let type = TimeType(number: number) else { return nil }
            members.append(JSONMember("timeExpressionType", .string(type.rawValue)))
        }
        guard let order = try? InstanceOrder(json: .object(members)) else { return nil }
        self = order
        if timeout == .milliseconds(Self.noTimeout) { timeout = nil }
    }

    fileprivate var jsonInTask: JSONValue {
        .object(present: [
            "jobId": .number(job), "instanceId": .number(instance), "wfInstanceId": workflow.map { .number($0) },
            "executeType": .string(executeType.rawValue), "processorType": .string(processorType.rawValue),
            "processorInfo": .string(processor), "timeExpressionType": .number(timeType.number),
            "instanceTimeoutMS": .number(milliseconds ?? Self.noTimeout), "jobParams": jobParams.map(JSONValue.string),
            "instanceParams": instanceParams.map(JSONValue.string), "threadConcurrency": .number(threads),
            "taskRetryNum": .number(retries), "logConfig": logConfig.map(JSONValue.string),
        ])
    }

    /// As the server wrote it; what `init(json:)` reads.
    package var json: JSONValue {
        .object(present: [
            "jobId": .number(job), "instanceId": .number(instance), "wfInstanceId": workflow.map { .number($0) },
            "executeType": .string(executeType.rawValue), "processorType": .string(processorType.rawValue),
            "processorInfo": .string(processor), "timeExpressionType": .string(timeType.rawValue),
            "timeExpression": timeExpression.map(JSONValue.string),
            "instanceTimeoutMS": .number(milliseconds ?? 0), "jobParams": jobParams.map(JSONValue.string),
            "instanceParams": instanceParams.map(JSONValue.string), "threadConcurrency": .number(threads),
            "taskRetryNum": .number(retries), "maxInstanceNum": .number(mostInstances),
            "alarmConfig": alarmConfig.map(JSONValue.string), "logConfig": logConfig.map(JSONValue.string),
            "advancedRuntimeConfig": runtimeConfig.map(JSONValue.string), "allWorkerAddress": .texts(allAddresses),
            "maxWorkerCount": .number(mostAddresses),
        ])
    }

    private var milliseconds: Int64? { timeout.map { $0.microseconds / 1000 } }
}
