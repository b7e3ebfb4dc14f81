/// Everything known when an attempt is over. Made by the guest pool, judged by `decide`, stored with the attempt.
package struct AttemptEnd: Hashable, Sendable {
    package var outcome: Outcome
    /// The plugin's code; 0 for success and where no code was returned.
    package var code: Int32
    /// Why, in words a person can act on: the plugin's error text, or a sentence from the evidence
    /// (`SIGSEGV, last breadcrumb "row 7"`; `limit 1 s, asked, killed after 1.5 s`). Nil after success.
    package var message: String?
    /// Lower bound the plugin asked for before the next attempt.
    package var retryAfter: Duration?
    package var output: [UInt8]
    package var startedAt: Instant
    package var finishedAt: Instant
    /// Process id of the guest, 0 when there was none.
    package var guest: Int32
    /// CPU time of the attempt where the guest reported it.
    package var cpu: Duration
    /// Resident memory of its guest at its highest, in bytes, up to the attempt's end. 0: not known.
    package var peakMemory: Int64
    /// Of the output, which history keeps of a run's last attempt only.
    package var outputBytes: Int
    package var evidence: Evidence?
    /// The component wrote to stdout or stderr; its attempts are then not sent ahead.
    package var printed: Bool
    /// Runs that this attempt wants made, after success.
    package var children: [ChildOrder]
    /// Numbers the plugin reported about the attempt, by name.
    package var metrics: [String: Int64] = [:]

    package init(
        outcome: Outcome, code: Int32 = 0, message: String? = nil, retryAfter: Duration? = nil, output: [UInt8] = [],
        startedAt: Instant, finishedAt: Instant, guest: Int32 = 0, cpu: Duration = .zero, peakMemory: Int64 = 0,
        evidence: Evidence? = nil, printed: Bool = false, children: [ChildOrder] = []
    ) {
        self.outcome = outcome
        self.code = code
        self.message = message
        self.retryAfter = retryAfter
        self.output = output
        self.startedAt = startedAt
        self.finishedAt = finishedAt
        self.guest = guest
        self.cpu = cpu
        self.peakMemory = peakMemory
        outputBytes = output.count
        self.evidence = evidence
        self.printed = printed
        self.children = children
    }
}

/// What was found after a guest died or had to be ended. Hints for people: the plugin could have forged some of it.
package struct Evidence: Hashable, Sendable, Codable {
    /// Name of the signal that ended the guest, such as `SIGSEGV`.
    package var signal: String?
    package var exitStatus: Int32?
    /// The plugin's last breadcrumb.
    package var breadcrumb: String?
    /// The limit that was hit, or of a failed attempt the one that seems to have kept it from something, with its value, such as
    /// `wall time 1 s`.
    package var limit: String?
    /// Why it was asked to end: `cancel`, `parent_cancelled`, `timeout`, `stall`, `cpu`, `shutdown`, `reload`.
    package var reason: String?
    /// The ladder as far as it was climbed.
    package var steps: [EndingStep]
    /// System calls that the sandbox refused, such as `socket(AF_INET)`; nil: none that was noticed.
    package var refused: [String]?
    /// The host that made the attempt; nil: this one.
    package var host: String?

    package init(
        signal: String? = nil, exitStatus: Int32? = nil, breadcrumb: String? = nil, limit: String? = nil,
        reason: String? = nil, steps: [EndingStep] = []
    ) {
        self.reason = reason
        self.signal = signal
        self.exitStatus = exitStatus
        self.breadcrumb = breadcrumb
        self.limit = limit
        self.steps = steps
    }
}

/// One step of ending an attempt, with its time.
package struct EndingStep: Hashable, Sendable, Codable {
    package enum Kind: String, Hashable, Sendable, Codable {
        case asked, lastCall = "last_call", terminated, killed, reaped, unkillable
    }

    package var kind: Kind
    package var at: Instant

    package init(_ kind: Kind, at: Instant) {
        self.kind = kind
        self.at = at
    }
}
