import JobModel

/// What a task's reports need beside its run. Stored with the dispatch, so that the next host goes on with it.
package struct TaskNote: Hashable, Sendable {
    /// The task's lock as it was last known to be ours.
    package var lock: String
    package var savesLog: Bool
    /// How far the server has the log of the run.
    package var logged: Int64 = 0
    /// How many bytes the server's log had then; nil: it does not say.
    package var logSize: Int64? = 0
    /// The server has said that its time is over: it ends as `timeout`, whatever stops it.
    package var isTimedOut = false

    package init(lock: String, savesLog: Bool) {
        self.lock = lock
        self.savesLog = savesLog
    }

    /// A note nobody can read is one of a task without a log, whose lock is not ours.
    package init(_ bytes: [UInt8]) {
        let json = (try? JSONParser.parse(bytes)) ?? .null
        lock = json["lock"]?.string ?? ""
        savesLog = json["save_log"]?.bool ?? false
        logged = json["logged"]?.integer ?? 0
        logSize = logged == 0 ? 0 : json.logSize("log_size")
        isTimedOut = json["timed_out"]?.bool ?? false
    }

    package var bytes: [UInt8] {
        JSONValue.object(present: [
            "lock": .string(lock), "save_log": .bool(savesLog), "logged": logged == 0 ? nil : .number(logged),
            "log_size": logged == 0 ? nil : logSize.map { .number($0) }, "timed_out": isTimedOut ? true : nil,
        ]).bytes
    }
}
