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
    /// The tracker is one of ours.
    var isOurs: Bool

    init(_ task: TaskOrder, isOurs: Bool = false) {
        self.isOurs = isOurs
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
            "starts": startsBroadcast ? true : nil, "ours": isOurs ? true : nil,
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
        isOurs = json["ours"]?.bool ?? false
    }

    func report(_ status: TaskStatus, time: Int64) -> TaskReport {
        TaskReport(
            instance: instance, launch: launch, taskID: taskID, status: status, reportTime: time,
            startsBroadcast: startsBroadcast && status.isEnd)
    }

    func failure(_ reason: String, time: Int64) -> TaskReport {
        var report = report(.failed, time: time)
        report.result = reason
        return report
    }

    /// Larger ones do not pass the door of the tracker.
    private static let mostOutput = 2 << 20

    /// `children`: what it made for its tracker to run.
    func report(of run: RunRecord, _ children: [ChildOrder], time: Int64) -> TaskReport {
        guard run.state == .succeeded else { return failure(InstanceEnd(of: run).result, time: time) }
        let size = children.reduce(run.output.count) { $0 + $1.params.count + 64 }
        guard size <= Self.mostOutput else {
            let what = children.isEmpty ? "its output" : "its output and the \(children.count) tasks it made"
            return failure("\(what), \(size) bytes, are too large to be sent to its tracker", time: time)
        }
        guard isOurs || children.isEmpty else {
            return failure("it made \(children.count) tasks, which a tracker of another make cannot read", time: time)
        }
        var report = report(.succeeded, time: time)
        report.children = children
        if let text = String(validating: run.output, as: UTF8.self) {
            report.result = text
        } else {
            report.output = run.output
        }
        return report
    }
}
