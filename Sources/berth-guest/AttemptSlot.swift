import CBerthPlugin
import CGuestWire
import CGuestWire.Shims

/// One place for an attempt: what plugin code sees as its context. Slots live until the process ends and are used again;
/// a context is a number made of slot and generation, so that one kept too long is noticed and never followed.
///
/// Unchecked because members are reached in one of three ways: with `gate` locked, by the run thread alone, or as words
/// that both sides load and store whole (`generation`, the page).
final class AttemptSlot: @unchecked Sendable {
    let index: UInt32
    let page: UnsafeMutablePointer<gw_slot>
    let gate = Lock()

    // Set by the run thread with `gate` locked when an attempt begins, read by all.
    private(set) var call: UInt64 = 0
    private(set) var startedNanoseconds: Int64 = 0
    private(set) var attempt: PendingAttempt?
    private let generation = UnsafeMutablePointer<UInt64>.allocate(capacity: 1)

    // With `gate` locked.
    var stop = StopState()
    var metrics = MetricTable()
    private var isAsking = false
    private var answer: HostAnswer?
    /// On the clock of the attempt's start; 0 = none. Moves when the host grants more time.
    private var limit: UInt64 = 0
    var limiter = LogLimiter()
    private var cancelDescriptor: Int32 = -1

    // By the run thread alone.
    private(set) var runThread = pthread_t()
    lazy var writer = AttemptWriter()
    var outputLength: UInt64 = 0
    /// More was emitted than allowed.
    var outputIsFull = false
    var errorText: [UInt8] = []
    var retryAfter: UInt32 = 0
    var children = ChildrenTally()
    let results = ResultPage()

    init(index: UInt32, page: UnsafeMutablePointer<gw_slot>) {
        self.index = index
        self.page = page
        generation.initialize(to: 0)
    }

    // MARK: Contexts

    /// What the plugin gets. Never zero: the first generation is 1.
    var context: OpaquePointer? {
        OpaquePointer(bitPattern: UInt(generation.pointee) << 6 | UInt(index))
    }

    func isCurrent(_ bits: UInt) -> Bool {
        guest_load(generation) == UInt64(bits >> 6) && call != 0
    }

    // MARK: Begin and end, on the run thread

    /// From here on the attempt runs. Called while the queue is locked, so that a cancel finds it in one place or the
    /// other.
    func begin(_ attempt: PendingAttempt) {
        gate.lock()
        startedNanoseconds = guest_monotonic()
        self.attempt = attempt
        runThread = pthread_self()
        stop = StopState()
        limiter = LogLimiter()
        limit = attempt.order.limit_ns
        if !metrics.isEmpty { metrics = MetricTable() }
        guest_store(generation, generation.pointee + 1)
        call = attempt.call
        gate.unlock()
        writer.clear()
        outputLength = 0
        outputIsFull = false
        errorText.removeAll(keepingCapacity: true)
        retryAfter = 0
        children = ChildrenTally()
        results.clear()
        openPage()
    }

    /// After this no service takes the context and no callback of the attempt runs.
    func end() -> UInt32 {
        gate.lock()
        stop.function = nil
        stop.instance = nil
        while stop.isDelivering {
            gate.wait()
        }
        let dropped = limiter.dropped
        call = 0
        attempt = nil
        let descriptor = cancelDescriptor
        cancelDescriptor = -1
        gate.unlock()
        if descriptor >= 0 {
            close(descriptor)
        }
        closePage()
        return dropped
    }

    // MARK: Stopping

    /// The host asks this attempt to end. `true` when plugin functions are to be called because of it.
    func ask(call: UInt64, level: UInt32, reason: Int32) -> Bool {
        gate.lock()
        defer { gate.unlock() }
        guard self.call == call, stop.raise(to: level, reason: reason) else { return false }
        if cancelDescriptor >= 0 {
            makeReadable(cancelDescriptor)
        }
        return stop.hasWork
    }

    /// The level asked for: what a frame said or what the page says, whichever is higher.
    var stopLevel: UInt32 {
        let word = guest_load(withUnsafePointer(to: &page.pointee.cancel) { $0 })
        let told = word >> 2 == call ? UInt32(word & 3) : 0
        return max(told, stop.level)
    }

    /// A descriptor that is readable from the ask on.
    func stopDescriptor() -> Int32 {
        gate.lock()
        defer { gate.unlock() }
        if cancelDescriptor < 0 {
            cancelDescriptor = eventfd(0, Int32(EFD_CLOEXEC | EFD_NONBLOCK))
            if cancelDescriptor >= 0, stop.level > 0 {
                makeReadable(cancelDescriptor)
            }
        }
        return cancelDescriptor
    }

    private func makeReadable(_ descriptor: Int32) {
        var one: UInt64 = 1
        _ = write(descriptor, &one, 8)
    }

    // MARK: Asking the host

    /// Sends an ASK and waits for its answer, on the run thread. A host that dies takes this process with it.
    func ask(_ what: UInt32, number: UInt64, key: UnsafeRawBufferPointer, value: UnsafeRawBufferPointer) -> HostAnswer {
        gate.lock()
        isAsking = true
        answer = nil
        gate.unlock()
        Guest.shared.outbox.send(
            AskEncoder.frames(what, number: number, key: key, value: value, slot: index, call: call))
        gate.lock()
        defer { gate.unlock() }
        while true {
            if let answer {
                isAsking = false
                self.answer = nil
                return answer
            }
            gate.wait()
        }
    }

    /// An answer that nobody waits for is dropped.
    func take(_ answer: HostAnswer) {
        gate.lock()
        if isAsking, call == answer.call {
            self.answer = answer
            gate.wakeAll()
        }
        gate.unlock()
    }

    var limitNanoseconds: UInt64 {
        get {
            gate.lock()
            defer { gate.unlock() }
            return limit
        }
        set {
            gate.lock()
            limit = newValue
            gate.unlock()
        }
    }

    // MARK: The page

    private func openPage() {
        page.pointee.breadcrumb_length = 0
        page.pointee.note_length = 0
        page.pointee.heartbeat_ns = 0
        page.pointee.progress_done = 0
        page.pointee.progress_total = 0
        setPhase(GW_PHASE_RUN)
        guest_store(&page.pointee.call, call)
    }

    private func closePage() {
        setPhase(GW_PHASE_IDLE)
        guest_store(&page.pointee.call, 0)
    }

    func setPhase(_ phase: UInt32) {
        guest_store32(&page.pointee.phase, phase)
    }
}
