import JobModel
import JobStore

/// A run the hot state holds in memory: among the next of its lane, on its way to a guest, in one, or on its way back.
/// Small, because it is copied and moved all the time; what never changes of it is in a box.
struct HotRun {
    enum Phase {
        /// Its insert, or another due time for it, is not answered and may be refused.
        case inserting
        /// In its lane.
        case waiting
        /// Due, and other runs of its job have to end first.
        case parked
        /// A slot is reserved and the start is not on disk.
        case starting(slot: Int)
        /// Sent to a guest.
        case running(slot: Int, committed: Instant)
        /// Is to be lent to this host, which is not on disk.
        case lending(Box<String>)
        /// This host makes the attempt.
        case lent(Box<String>)
        /// The attempt was not made after all; going back is not on disk.
        case returning
        /// The attempt ended; what follows is not on disk.
        case ending(Box<Finish>)
        /// Ends without an attempt; that is not on disk.
        case closing
    }

    /// As it came in; `due` and `counters` go on from there.
    private(set) var origin: Box<RunRecord>
    let queue: Int
    let component: Int
    var due: Instant
    var counters: RunCounters
    var phase: Phase
    /// That of its component when its slot was reserved.
    private(set) var generation: Int32 = 0
    /// Somebody wants it to end; heeded when its attempt ends in any way but success.
    var cancel: Box<CancelIntent>?

    /// Pending, and waiting for nothing but its turn, unless an attempt of it is under way.
    var countsAsPending: Bool { origin.value.state == .pending && origin.value.openChildren == 0 }
    /// Neither an attempt of it nor a step before it was made.
    var hasNotStarted: Bool { counters.starts == 0 && origin.value.gate == .ahead }
    var wasDueAtOnce: Bool { counters.starts == 0 && due <= origin.value.createdAt }

    init(_ record: Box<RunRecord>, queue: Int, component: Int, phase: Phase) {
        origin = record
        self.queue = queue
        self.component = component
        due = record.value.due
        counters = record.value.counters
        self.phase = phase
    }

    /// The start number of the attempt that begins.
    mutating func begin(in slot: Int, generation: Int) -> Int32 {
        counters.starts += 1
        self.generation = Int32(truncatingIfNeeded: generation)
        phase = .starting(slot: slot)
        return counters.starts
    }

    /// Says until when, if not for ever.
    mutating func wait() -> Instant? {
        phase = .waiting
        return expiry
    }

    mutating func complete(_ params: [UInt8]) { replace(params: params, policy: origin.value.policy) }

    mutating func replace(params: [UInt8], policy: RunPolicy) {
        var record = origin.value
        record.params = params
        record.policy = policy
        origin = Box(record)
    }

    var id: RunID { origin.value.id }
    /// The job that started it. Children count as parts of their parent.
    var job: JobID? { origin.value.parent == nil ? origin.value.job : nil }
    var jobName: String? { origin.value.jobName }
    /// The run that emitted it. A step before a run is no part of its family.
    var emitter: RunID? { origin.value.source == .step ? nil : origin.value.parent }
    /// With whom it may have to take turns.
    var crowd: Crowd? { job.map(Crowd.job) ?? emitter.map(Crowd.family) }
    /// The only host that may run it, where that is another one.
    var onlyHost: String? {
        guard case .on(let host) = origin.value.policy.placement else { return nil }
        return host
    }
    var place: LanePlace { LanePlace(due: due, id: id) }

    /// When it is too late to start. A run that has started once does not expire.
    var expiry: Instant? {
        guard let notAfter = origin.value.policy.notAfter, hasNotStarted else { return nil }
        return due + notAfter
    }

    var isWaiting: Bool {
        switch phase {
        case .waiting, .parked: true
        case .inserting, .starting, .running, .lending, .lent, .returning, .ending, .closing: false
        }
    }

    /// Holds or reserves a slot, or has one to account for, or its end is on its way to the store.
    var isBusy: Bool {
        switch phase {
        case .starting, .running, .returning, .ending: true
        case .inserting, .waiting, .parked, .lending, .lent, .closing: false
        }
    }
}

struct CancelIntent {
    var by: By
    /// Callers who hear once the run has really ended, or is found to have ended otherwise.
    var tickets: [Ticket] = []
}

/// A value that never changes, shared instead of copied.
final class Box<Value: Sendable>: Sendable {
    let value: Value

    init(_ value: Value) {
        self.value = value
    }
}
