/// How one run is to be treated. Resolved when the run is accepted and carried by the run itself.
package struct RunPolicy: Hashable, Sendable, Codable {
    /// Nil only where `none` was written: no time limit.
    package var timeout: Duration?
    /// Between asking an attempt to stop and SIGTERM. Nil: the component's own, else 5 s.
    package var grace: Duration?
    package var retry: RetryPolicy
    package var onUnknown: UnknownPolicy
    package var access: FileAccess
    /// A run that did not start within this time after its due time expires. Nil: never.
    package var notAfter: Duration?
    /// What an attempt may use at most, as far as the job says so.
    package var limits: AttemptLimits?
    /// Made when the run succeeds, and when it fails or expires.
    package var onSuccess: FollowUp?
    package var onFailure: FollowUp?
    /// Made before its first attempt and after its end. Nil: what the queue says, until the run is accepted; then none.
    package var preStep: StepOrder?
    package var postStep: StepOrder?
    package var placement: Placement?
    package var reducing: Reducing?

    package init(
        timeout: Duration? = .seconds(300), grace: Duration? = nil, retry: RetryPolicy = RetryPolicy(),
        onUnknown: UnknownPolicy = .rerun, access: FileAccess = FileAccess(), notAfter: Duration? = nil,
        limits: AttemptLimits? = nil, onSuccess: FollowUp? = nil, onFailure: FollowUp? = nil,
        preStep: StepOrder? = nil, postStep: StepOrder? = nil, placement: Placement? = nil, reducing: Reducing? = nil
    ) {
        self.preStep = preStep
        self.postStep = postStep
        self.placement = placement
        self.reducing = reducing
        self.onSuccess = onSuccess
        self.onFailure = onFailure
        self.limits = limits
        self.timeout = timeout
        self.grace = grace
        self.retry = retry
        self.onUnknown = onUnknown
        self.access = access
        self.notAfter = notAfter
    }

    package static let standard = RunPolicy()
}

/// When a failed attempt is followed by another.
package struct RetryPolicy: Hashable, Sendable, Codable {
    package enum Delay: Hashable, Sendable, Codable {
        case fixed(Duration)
        /// first, first × 2, first × 4 … up to the cap, each moved by up to ± 10 % when the run's id says so.
        case exponential(first: Duration, cap: Duration)
        /// The n-th delay after the n-th failure; the last one repeats.
        case list([Duration])
    }

    /// Attempts that may fail before the run fails; 1 = no retry.
    package var attempts: Int
    package var delay: Delay
    /// Crashes that may happen before the run fails.
    package var crashes: Int
    /// No attempt follows a failure or crash when the run is older than this by then, counted from when it was first to
    /// start. Nil: age plays no part.
    package var within: Duration?

    package init(
        attempts: Int = 3, delay: Delay = .exponential(first: .seconds(5), cap: .seconds(3600)), crashes: Int = 3,
        within: Duration? = nil
    ) {
        self.within = within
        self.attempts = attempts
        self.delay = delay
        self.crashes = crashes
    }
}

/// What to do with a run whose effect is unknown: its guest or the host died while it ran.
package enum UnknownPolicy: String, Hashable, Sendable, Codable {
    case rerun, hold
}

/// Files and folders outside its scratch folder that an attempt may touch. Absolute paths.
package struct FileAccess: Hashable, Sendable, Codable {
    package var read: [String]
    package var write: [String]

    package init(read: [String] = [], write: [String] = []) {
        self.read = read
        self.write = write
    }
}

/// The three counters, kept apart because they mean three different things.
package struct RunCounters: Hashable, Sendable {
    /// Attempts started; the number of the current or last one.
    package var starts: Int32
    package var failures: Int32
    package var crashes: Int32
    package var interruptions: Int32

    package init(starts: Int32 = 0, failures: Int32 = 0, crashes: Int32 = 0, interruptions: Int32 = 0) {
        self.starts = starts
        self.failures = failures
        self.crashes = crashes
        self.interruptions = interruptions
    }
}
