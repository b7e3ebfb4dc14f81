package import JobModel

/// How an instance ended, as the server is told it.
package struct InstanceEnd: Hashable, Sendable {
    package var status: InstanceStatus
    package var result: String
    package var total: Int64 = 1
    package var succeeded: Int64
    package var failed: Int64
    /// Added to the context of the workflow.
    package var context: [JSONMember]?
    /// Milliseconds since 1970; nil: the server takes its own clock.
    package var endTime: Int64?

    package init(
        status: InstanceStatus, result: String, endTime: Int64?, context: [JSONMember]? = nil
    ) {
        self.status = status
        self.result = InstanceReport.result(result)
        succeeded = status == .succeeded ? 1 : 0
        failed = status == .succeeded ? 0 : 1
        self.endTime = endTime
        self.context = context
    }

    /// The end of an instance that is one run.
    package init(of run: RunRecord) {
        let end = run.finishedAt.map { $0.microseconds / 1000 }
        guard run.state == .succeeded else {
            self.init(status: .failed, result: Self.reason(run), endTime: end, context: Self.context(run.output))
            return
        }
        self.init(
            status: .succeeded, result: Self.text(run.output), endTime: end, context: Self.context(run.output))
    }

    /// What servers and their users know a time limit by.
    package static let timeoutText = "instance execute timeout,interrupted success"

    private static func reason(_ run: RunRecord) -> String {
        if case .timedOut = run.outcome { return timeoutText }
        return run.reason ?? run.outcome?.word ?? run.state.word
    }

    /// A text is shown as it is, everything else as JSON.
    private static func text(_ output: [UInt8]) -> String {
        guard let json = try? JSONParser.parse(output) else { return String(decoding: output, as: UTF8.self) }
        return json.string ?? String(decoding: output, as: UTF8.self)
    }

    /// The members of the object `workflow` in what the plugin put out. Servers keep texts: what is none is its JSON.
    private static func context(_ output: [UInt8]) -> [JSONMember]? {
        guard let members = (try? JSONParser.parse(output))?["workflow"]?.members else { return nil }
        return members.map { JSONMember($0.name, .string($0.value.string ?? $0.value.text)) }
    }
}
