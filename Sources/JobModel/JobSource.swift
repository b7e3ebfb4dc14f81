/// Who defines a job, as the store keeps it: a kind and, where there are many of a kind, which one of them. Only its
/// source changes a job's definition.
package enum JobSource {
    /// Defined through the API.
    package static let api = "api"
    /// Defined through the API too, out of a file that somebody applied.
    package static let applied = "file"

    /// A file of the jobs folder, by its name there.
    package static func jobFile(_ name: String) -> String { jobFiles + name }
    /// A row of `job_center` in `inbox.db`.
    package static func inboxRow(_ id: Int64) -> String { "\(inboxRows)\(id)" }
    /// An entry of the `scheduler:` block of the configuration.
    package static func schedulerEntry(_ name: String) -> String { schedulerEntries + name }

    package static let jobFiles = "file:"
    package static let inboxRows = "inbox:"
    package static let schedulerEntries = "scheduler:"

    /// Whether requests may change and delete jobs of this source.
    package static func isOpenToRequests(_ source: String) -> Bool { source == api || source == applied }

    /// As part of a sentence: `the job file "billing.yaml"`.
    package static func words(_ source: String) -> String {
        func which(_ kind: String) -> String? { source.hasPrefix(kind) ? String(source.dropFirst(kind.count)) : nil }
        if let name = which(jobFiles) { return "the job file \"\(name)\"" }
        if let row = which(inboxRows) { return "row \(row) of job_center in inbox.db" }
        if let name = which(schedulerEntries) { return "the entry \"\(name)\" of the scheduler block" }
        return source == api ? "the API" : source == applied ? "a file that was applied" : source
    }
}
