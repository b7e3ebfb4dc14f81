import JobEngine
import JobModel
import Logging

/// What every part of one cronjob upstream works with.
struct CronjobContext: Sendable {
    let settings: CronjobSettings
    let server: CronjobServer
    let line: CronjobLine
    let ledger: DispatchLedger
    let engine: JobEngine
    let logger: Logger

    var intervals: CronjobIntervals { settings.intervals }

    func report(_ report: TaskUpdate, on task: String) {
        line.say(.update(task, report, by: settings.worker, key: settings.key.text))
    }

    /// Goes into a query as it is.
    static func lockKey(of task: String) -> String { "task%3Alock%3A\(task)" }
}
