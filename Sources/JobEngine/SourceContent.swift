package import JobModel

/// All that one source wants to exist: a job file, a row of the inbox, an entry of the scheduler block.
package struct SourceContent: Hashable, Sendable {
    /// As `JobSource` spells it.
    package var source: String
    /// Empty: the source is gone, and so are its jobs.
    package var jobs: [JobDefinition]

    package init(source: String, jobs: [JobDefinition]) {
        self.source = source
        self.jobs = jobs
    }
}

/// What became of a source's content. It is applied whole or refused whole; refused, the jobs the source had before stay
/// as they are.
package enum SourceVerdict: Hashable, Sendable {
    case applied(ApplyReport)
    /// The first job of the content that cannot be, and why.
    case refused(job: String, EngineError)
}

/// Whether schedules fire. Runs that somebody asks for are made in any case.
package enum ScheduleActivity: Hashable, Sendable {
    case running
    /// Until somebody starts them.
    case stopped
    /// This is an environment in which they must not fire; nobody can start them.
    case banned(environment: String)
}
