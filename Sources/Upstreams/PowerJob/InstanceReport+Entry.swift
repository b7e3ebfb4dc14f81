/// What is told of an instance by what the book and its end say.
extension InstanceReport {
    init(_ entry: ReportBook.Entry, _ status: InstanceStatus, reportTime: Int64, address: String) {
        self.init(
            app: entry.note.app, job: entry.note.job, instance: entry.instance, workflow: entry.note.workflow,
            status: status, startTime: entry.note.startTime, reportTime: reportTime, address: address)
    }

    init(_ entry: ReportBook.Entry, _ end: InstanceEnd, reportTime: Int64, address: String) {
        self.init(entry, end.status, reportTime: reportTime, address: address)
        result = end.result
        (total, succeeded, failed) = (end.total, end.succeeded, end.failed)
        appendedContext = end.context
        endTime = end.endTime
    }
}

extension InstanceDetail {
    init(_ entry: ReportBook.Entry, address: String) {
        let tasks = Tasks(
            total: 1, succeeded: entry.end?.succeeded ?? 0, failed: entry.end?.failed ?? 0, waiting: 0,
            running: entry.end == nil ? 1 : 0)
        self.init(startTime: entry.note.startTime, address: address, tasks: tasks)
    }
}
