import JobModel

/// What the reports about a borrowed task need; kept with its dispatch.
struct BorrowedNote: Hashable {
    var tracker: HostPort
    var instance: Int64
    var launch: Int64
    var taskID: String
    /// Attempts of the task before this one, so that each is a dispatch of its own.
    var earlierAttempts: Int
    var startsBroadcast: Bool

    init(_ task: TaskOrder) {
        tracker = task.tracker
        instance = task.instance.instance
        launch = task.launch
        taskID = task.taskID
        earlierAttempts = task.earlierAttempts
        startsBroadcast = task.instance.executeType == .broadcast && task.taskName == "OMS_ROOT_TASK"
    }

    /// What the dispatch is called. The name of a server's instance has no slash.
    var instanceName: String {
        let launched = launch == instance ? "\(instance)" : "\(instance).\(launch)"
        return "\(launched)/\(taskID)#\(earlierAttempts)@\(tracker)"
    }

    var bytes: [UInt8] {
        JSONValue.object(present: [
            "tracker": .string(tracker.description), "instance": .number(instance), "launch": .number(launch),
            "task": .string(taskID), "attempts": .number(earlierAttempts),
            "starts": startsBroadcast ? true : nil,
        ]).bytes
    }

    /// Nil when the bytes are no such note.
    init?(bytes: [UInt8]) {
        guard let json = try? JSONParser.parse(bytes), let tracker = json["tracker"]?.string.flatMap({ HostPort($0) }),
            let instance = json["instance"]?.integer, let launch = json["launch"]?.integer,
            let taskID = json["task"]?.string
        else { return nil }
        self.tracker = tracker
        self.instance = instance
        self.launch = launch
        self.taskID = taskID
        earlierAttempts = Int(clamping: json["attempts"]?.integer ?? 0)
        startsBroadcast = json["starts"]?.bool ?? false
    }

    func report(_ status: TaskStatus, time: Int64) -> TaskReport {
        TaskReport(
            instance: instance, launch: launch, taskID: taskID, status: status, reportTime: time,
            startsBroadcast: startsBroadcast && status.isEnd)
    }

    /// Larger ones do not pass the door of the tracker.
    private static let mostOutput = 2 << 20

    func report(of run: RunRecord, time: Int64) -> TaskReport {
        guard run.state == .succeeded else {
            var report = report(.failed, time: time)
            report.result = InstanceEnd(of: run).result
            return report
        }
        guard run.output.count <= Self.mostOutput else {
            var report = report(.failed, time: time)
            report.result = "its output of \(run.output.count) bytes is too large to be sent to its tracker"
            return report
        }
        var report = report(.succeeded, time: time)
        if let text = String(validating: run.output, as: UTF8.self) {
            report.result = text
        } else {
            report.output = run.output
        }
        return report
    }
}
