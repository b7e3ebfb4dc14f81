import JobModel
import JobStore

/// A run the hot state holds in memory: among the next of its lane, on its way to a guest, in one, or on its way back.
struct HotRun {
    enum Phase {
        /// Its insert is not answered and may be refused.
        case inserting
        /// In its lane.
        case waiting
        /// A slot is reserved and the start is not on disk.
        case starting(slot: Int)
        /// Sent to a guest.
        case running(slot: Int, committed: Instant)
        /// The attempt was not made after all; going back is not on disk.
        case returning
        /// The attempt ended; what follows is not on disk.
        indirect case ending(Finish)
        /// Ends without an attempt; that is not on disk.
        case closing
    }

    /// As stored, or as it will be once the mutations on their way are.
    var record: RunRecord
    var queue: Int
    var component: Int
    var phase: Phase
    /// Somebody wants it to end; heeded when its attempt ends in any way but success.
    var cancel: CancelIntent?

    var place: LanePlace { LanePlace(due: record.due, id: record.id) }

    /// When it is too late to start. A run that has started once does not expire.
    var expiry: Instant? {
        guard record.counters.starts == 0 else { return nil }
        return record.policy.notAfter.map { record.due + $0 }
    }

    var isWaiting: Bool {
        if case .waiting = phase { true } else { false }
    }

    /// Holds or reserves a slot, or has one to account for.
    var isBusy: Bool {
        switch phase {
        case .starting, .running, .returning, .ending: true
        case .inserting, .waiting, .closing: false
        }
    }
}

struct CancelIntent {
    var by: By
    /// Callers who hear once the run has really ended, or is found to have ended otherwise.
    var tickets: [Ticket] = []
}
