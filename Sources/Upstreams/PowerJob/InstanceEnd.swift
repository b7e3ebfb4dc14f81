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
        let isGood = run.state == .succeeded
        let json = run.output.count > Self.mostParsed ? nil : try? JSONParser.parse(run.output)
        self.init(
            status: isGood ? .succeeded : .failed, result: isGood ? Self.text(run.output, json) : Self.reason(run),
            endTime: run.finishedAt.map { $0.microseconds / 1000 }, context: json.flatMap(Self.context))
    }

    /// Outputs of more bytes are texts, whatever is in them.
    package static let mostParsed = 1 << 20

    /// What servers and their users know a time limit by.
    package static let timeoutText = "instance execute timeout,interrupted success"

    private static func reason(_ run: RunRecord) -> String {
        if case .timedOut = run.outcome { return timeoutText }
        return run.reason ?? run.outcome?.word ?? run.state.word
    }

    /// A text is shown as it is, everything else as JSON.
    private static func text(_ output: [UInt8], _ json: JSONValue?) -> String {
        json?.string ?? String(decoding: output.prefix(mostShown), as: UTF8.self)
    }

    /// More than enough for a result, whose length is counted in units of UTF-16.
    private static let mostShown = InstanceReport.longestResult * 4

    /// The members of the object `workflow` in what the plugin put out. Servers keep texts: what is none is its JSON.
    private static func context(_ output: JSONValue) -> [JSONMember]? {
        output["workflow"]?.members?.map { JSONMember($0.name, .string($0.value.string ?? $0.value.text)) }
    }
}
