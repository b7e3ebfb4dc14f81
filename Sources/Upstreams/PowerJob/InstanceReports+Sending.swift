import JobModel
import Logging

extension InstanceReports {
    /// The end of an instance is asked for an answer, everything else is told.
    func send(_ report: InstanceReport, isFinal: Bool) async -> ReportBook.Answer {
        let path = "/server/reportInstanceStatus"
        do throws(CallFault) {
            guard let server = await discovery.server else { throw .nowhere }
            if isFinal {
                try await calls.ask(server, path, report.json)
            } else {
                try await calls.tell(server, path, report.json)
            }
            await discovery.heard()
            lastFault = nil
            return .taken
        } catch {
            lastFault = "\(error)"
            logger.debug("a report did not arrive", metadata: ["instance": "\(report.instance)", "reason": "\(error)"])
            if case .refused(let reason) = error { return .refused(reason) }
            return .unheard("\(error)")
        }
    }
}
