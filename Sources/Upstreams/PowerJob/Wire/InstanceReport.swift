package import JobModel

/// `reportInstanceStatus`: where an instance stands. What is nil is not sent: old servers refuse keys that they do not know.
package struct InstanceReport: Hashable, Sendable {
    package var app: Int64
    package var job: Int64
    package var instance: Int64
    package var workflow: Int64?
    /// Merged into the workflow's context by the server; sent within a workflow alone.
    package var appendedContext: [JSONMember]?
    package var status: InstanceStatus
    package var result: String?
    package var total: Int64 = 1
    package var succeeded: Int64 = 0
    package var failed: Int64 = 0
    /// Milliseconds since 1970, as all times of this protocol.
    package var startTime: Int64
    package var endTime: Int64?
    package var reportTime: Int64
    /// The one advertised address: a report from another is dropped.
    package var address: String
    package var alert: String?

    package init(
        app: Int64, job: Int64, instance: Int64, workflow: Int64?, status: InstanceStatus, startTime: Int64,
        reportTime: Int64, address: String
    ) {
        self.app = app
        self.job = job
        self.instance = instance
        self.workflow = workflow
        self.status = status
        self.startTime = startTime
        self.reportTime = reportTime
        self.address = address
    }

    package var json: JSONValue {
        .object(present: [
            "appId": .number(app), "jobId": .number(job), "instanceId": .number(instance),
            "wfInstanceId": workflow.map { .number($0) },
            "appendedWfContext": workflow == nil ? nil : appendedContext.map(JSONValue.object),
            "instanceStatus": .number(status.rawValue), "result": result.map(JSONValue.string),
            "totalTaskNum": .number(total), "succeedTaskNum": .number(succeeded), "failedTaskNum": .number(failed),
            "startTime": .number(startTime), "endTime": endTime.map { .number($0) },
            "reportTime": .number(reportTime), "sourceAddress": .string(address), "needAlert": .bool(alert != nil),
            "alertContent": alert.map(JSONValue.string),
        ])
    }

    /// What a server keeps of a result.
    package static let longestResult = 8096

    /// The text as servers take it: cut where they would cut it.
    package static func result(_ text: String) -> String {
        let units = text.utf16
        guard text.utf8.count > longestResult,
            let end = units.index(units.startIndex, offsetBy: longestResult, limitedBy: units.endIndex),
            end < units.endIndex
        else { return text }
        // Never within a character of two units.
        let whole = end.samePosition(in: text.unicodeScalars) ?? units.index(before: end)
        return text[..<whole] + "..."
    }
}
