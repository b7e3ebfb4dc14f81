package import JobModel

/// `workerHeartbeat`: that this host lives, what it has and whether it wants more work.
package struct Heartbeat: Hashable, Sendable {
    package var address: String
    package var appName: String
    package var app: Int64
    /// Never less than in the heartbeat before.
    package var time: Int64
    package var tag: String?
    package var version: String
    /// While true the server gives this worker nothing new; if no other is free either, its instances wait.
    package var isOverloaded: Bool
    package var light: Int
    package var heavy: Int
    package var containers: [JSONValue] = []
    package var metrics: SystemMetrics

    package init(
        address: String, appName: String, app: Int64, time: Int64, tag: String?, version: String, isOverloaded: Bool,
        light: Int, heavy: Int, metrics: SystemMetrics, containers: [JSONValue] = []
    ) {
        self.containers = containers
        self.address = address
        self.appName = appName
        self.app = app
        self.time = time
        self.tag = tag
        self.version = version
        self.isOverloaded = isOverloaded
        self.light = light
        self.heavy = heavy
        self.metrics = metrics
    }

    package var json: JSONValue {
        .object(present: [
            "workerAddress": .string(address), "appName": .string(appName), "appId": .number(app),
            "heartbeatTime": .number(time), "containerInfos": .array(containers), "version": .string(version),
            "protocol": "HTTP", "tag": tag.map(JSONValue.string), "client": "berth", "overload": .bool(isOverloaded),
            "lightTaskTrackerNum": .number(light), "heavyTaskTrackerNum": .number(heavy),
            "systemMetrics": metrics.json,
        ])
    }
}
