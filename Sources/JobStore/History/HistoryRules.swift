package import JobModel

/// Which policy holds for which runs.
package struct HistoryRules: Hashable, Sendable {
    /// Of runs without a job, and of jobs that say nothing.
    package var host: HistoryPolicy
    /// By the job's name.
    package var jobs: [String: HistoryPolicy]

    package init(host: HistoryPolicy = .standard, jobs: [String: HistoryPolicy] = [:]) {
        self.host = host.over(.standard)
        self.jobs = jobs.mapValues { [host = self.host] in $0.over(host) }
    }

    func policy(ofJob name: String?) -> HistoryPolicy { name.flatMap { jobs[$0] } ?? host }
}
