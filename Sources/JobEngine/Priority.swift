import JobModel

/// Every priority in use makes a lane in a queue, and queues look through their lanes: a few are plenty.
enum Priority {
    static let range = -100...100

    /// Nil for a priority that a run may have.
    static func complaint(_ priority: Int) -> RunPolicy.Complaint? {
        guard !range.contains(priority) else { return nil }
        return ("priority", "\(priority)", "must be \(range.lowerBound) to \(range.upperBound)")
    }
}
