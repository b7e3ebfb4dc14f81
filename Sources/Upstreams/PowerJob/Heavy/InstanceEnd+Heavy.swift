import JobModel

extension InstanceEnd {
    /// The server's words for an instance whose time is over.
    static let heavyTimeoutText = "instance execute timeout"

    /// The end of an instance of many tasks. The first task counts as one, and so does the last where there is one.
    init(of run: RunRecord, as type: ExecuteType) {
        self.init(of: run)
        endTime = nil
        if run.state != .succeeded, run.reason?.contains(Self.heavyTimeoutText) == true {
            result = Self.heavyTimeoutText
        }
        let tasks = TaskFigures(of: run, as: type)
        (total, succeeded, failed) = (tasks.total, tasks.succeeded, tasks.failed)
        // Where no plugin judged the tasks, the count is the result.
        guard run.policy.reducing == .count, run.stage == .reduce else { return }
        guard run.state == .succeeded || run.failedChildren > 0, run.state != .cancelled else { return }
        let good = run.children - run.failedChildren + 1
        result =
            type == .map
            ? "total:\(run.children + 1),succeed:\(good),failed:\(run.failedChildren)"
            : "succeed:\(good), failed:\(run.failedChildren)"
    }
}

/// How many tasks of an instance there are and how they stand, as servers count them.
struct TaskFigures: Hashable {
    var total: Int64
    var succeeded: Int64
    var failed: Int64

    init(of run: RunRecord, as type: ExecuteType) {
        let isOver = run.state.isEnd
        let isGood = run.state == .succeeded
        guard run.stage == .reduce else {
            (total, succeeded, failed) = (1, isGood ? 1 : 0, isOver && !isGood ? 1 : 0)
            return
        }
        let ended = run.children - run.openChildren
        // The first task, and the last one.
        let hasLast = type != .map && type != .standalone
        let lastFailed = hasLast && isOver && !isGood
        total = run.children + (hasLast ? 2 : 1)
        succeeded = ended - run.failedChildren + 1 + (hasLast && isGood ? 1 : 0)
        failed = run.failedChildren + (lastFailed ? 1 : 0)
    }
}
