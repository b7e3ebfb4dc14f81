package import JobModel

/// What reports about an instance need beside the record of its run; kept with its dispatch.
package struct InstanceNote: Hashable, Sendable {
    package var app: Int64
    package var job: Int64
    package var workflow: Int64?
    /// Milliseconds since 1970: when it came, and when the server last heard of it from us.
    package var startTime: Int64
    package var heard: Int64
    /// As the job says it.
    package var logConfig: String?
    /// What an instance of many tasks needs beside; nil: it has one.
    package var heavy: JSONValue?

    package init(
        app: Int64, job: Int64, workflow: Int64?, startTime: Int64, logConfig: String? = nil, heavy: JSONValue? = nil
    ) {
        self.app = app
        self.job = job
        self.workflow = workflow
        self.startTime = startTime
        heard = startTime
        self.logConfig = logConfig
        self.heavy = heavy
    }

    /// Whether the server had heard nothing of it for too long when the host began.
    func isLost(receivedAt: Instant, by startTime: Int64, _ pace: PowerJobPace) -> Bool {
        max(heard, receivedAt.microseconds / 1000) < startTime - pace.patience.microseconds / 1000
    }

    package var bytes: [UInt8] {
        JSONValue.object(present: [
            "app": .number(app), "job": .number(job), "workflow": workflow.map { .number($0) },
            "start": .number(startTime), "heard": .number(heard), "log": logConfig.map(JSONValue.string),
            "heavy": heavy,
        ]).bytes
    }

    /// Nil when the bytes are no such note.
    package init?(bytes: [UInt8]) {
        guard let json = try? JSONParser.parse(bytes), let app = json["app"]?.integer, let job = json["job"]?.integer,
            let start = json["start"]?.integer
        else { return nil }
        self.init(
            app: app, job: job, workflow: json["workflow"]?.integer, startTime: start,
            logConfig: json["log"]?.string, heavy: json["heavy"])
        heard = json["heard"]?.integer ?? start
    }
}
