import Foundation
import JobModel

/// What a healthy server answers.
enum StandInAnswers {
    static func usual(
        _ call: StandInRecord.Call, remote: String, isStrict: Bool
    ) -> StandInPort.Answer {
        switch call.path {
        case "/server/assert": found(12, isStrict)
        case "/server/acquire": found(.string(remote), isStrict)
        case "/server/hello":
            found(
                [
                    "serverInfo": ["version": isStrict ? "4.3.6" : "5.1.0"],
                    "serverTimeTs": .number(Int64(Date().timeIntervalSince1970 * 1000)),
                ], isStrict)
        case "/server/reportInstanceStatus":
            [4, 5, 9, 10].contains(call.message["instanceStatus"]?.integer) ? asked(isStrict) : StandInPort.Answer()
        case "/server/workerHeartbeat", "/server/reportLog": StandInPort.Answer()
        default: StandInPort.Answer(status: 404)
        }
    }

    static func found(_ data: JSONValue, _ isStrict: Bool = false) -> StandInPort.Answer {
        StandInPort.Answer(
            body: JSONValue.object([
                JSONMember("success", true), JSONMember("data", data), JSONMember("message", .null),
            ]).bytes)
    }

    static func refused(_ message: String) -> StandInPort.Answer {
        StandInPort.Answer(
            body: JSONValue.object([
                JSONMember("success", false), JSONMember("data", .null), JSONMember("message", .string(message)),
            ]).bytes)
    }

    /// Old servers write nulls out.
    static func asked(_ isStrict: Bool) -> StandInPort.Answer {
        StandInPort.Answer(
            body: Array((isStrict ? #"{"success":true,"data":null,"message":null}"# : #"{"success":true}"#).utf8))
    }
}

/// The keys that servers before 4.3.8 know.
enum StandInKeys {
    private static let heartbeat: Set<String> = [
        "workerAddress", "appName", "appId", "heartbeatTime", "containerInfos", "version", "protocol", "tag", "client",
        "extra", "overload", "lightTaskTrackerNum", "heavyTaskTrackerNum", "systemMetrics",
    ]
    private static let metrics: Set<String> = [
        "cpuProcessors", "cpuLoad", "jvmUsedMemory", "jvmMaxMemory", "jvmMemoryUsage", "diskUsed", "diskTotal",
        "diskUsage", "extra", "score",
    ]
    private static let report: Set<String> = [
        "appId", "jobId", "instanceId", "wfInstanceId", "appendedWfContext", "instanceStatus", "result", "totalTaskNum",
        "succeedTaskNum", "failedTaskNum", "startTime", "endTime", "reportTime", "sourceAddress", "needAlert",
        "alertContent",
    ]
    private static let log: Set<String> = ["workerAddress", "instanceLogContents"]
    private static let line: Set<String> = ["instanceId", "logTime", "logLevel", "logContent"]

    /// What a server of old would fail at; nil: nothing.
    static func complaint(_ path: String, _ message: JSONValue) -> String? {
        switch path {
        case "/server/workerHeartbeat":
            unknown(message, heartbeat) ?? message["systemMetrics"].flatMap { unknown($0, metrics) }
                ?? missing(message, ["workerAddress", "appId", "heartbeatTime", "protocol", "systemMetrics"])
        case "/server/reportInstanceStatus":
            unknown(message, report)
                ?? missing(message, ["instanceId", "instanceStatus", "reportTime", "sourceAddress"])
        case "/server/reportLog":
            unknown(message, log) ?? missing(message, ["instanceLogContents"])
                ?? (message["instanceLogContents"]?.array ?? []).lazy.compactMap { unknown($0, line) }.first
        case "/server/queryJobCluster": unknown(message, ["appId", "jobId"])
        default: nil
        }
    }

    private static func unknown(_ message: JSONValue, _ keys: Set<String>) -> String? {
        guard let members = message.members else { return "not an object" }
        return members.first { !keys.contains($0.name) || $0.value == .null }.map { "unknown key \($0.name)" }
    }

    private static func missing(_ message: JSONValue, _ keys: [String]) -> String? {
        keys.first { message[$0] == nil }.map { "missing \($0)" }
    }
}
