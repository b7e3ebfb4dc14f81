import CBerthPlugin
import CCheckShims
import CGuestWire.Shims

/// How an attempt is to go.
struct Plan {
    var params: [UInt8] = []
    /// Null instead of a pointer to no bytes.
    var hasNullParams = false
    var run: UInt64 = 1
    var stage: UInt32 = 0
    var childIndex: UInt64 = 0
    var results: [[UInt8]] = []
    var keepsOutput = false
    var outputLimit: UInt64 = 64 << 20
    var faults: [Fault] = []
    /// Nanoseconds after the start at which a stop is asked for; 0: before the start.
    var askAfter: Int64?
    var reason: Int32 = BERTH_STOP_CANCEL
    /// Nanoseconds from the ask to the last call.
    var grace: Int64 = 1_000_000_000
    /// Nanoseconds after the ask at which the check ends, because nothing else would; nil: never.
    var giveUpAfter: Int64?
    /// Whether that says nothing about what is checked.
    var isBrokenThen = false
    /// Nanoseconds after the start.
    var deadline: Int64?
    /// For `lifecycle-stop-any-time`: tell processors and runners to stop on this thread too, before and after the run.
    var stopsAround = false
    /// For `runner-protocol`: ask for the status all the time while it executes.
    var asksStatus = false
}

/// One attempt as the plugin sees it, and what it did. Reached through a number made of slot and generation.
///
/// Unchecked because members are reached with `gate` locked, save for those the run thread alone uses.
final class Attempt: @unchecked Sendable {
    let gate = Lock()

    // With `gate` locked.
    private(set) var plan = Plan()
    private(set) var generation: UInt64 = 0
    private(set) var isOpen = false
    private(set) var runThread = pthread_t()
    private(set) var startedAt: Int64 = 0
    var level: Int32 = 0
    var askedAt: Int64 = 0
    var instance: StopState.Instance?
    var function: StopState.Function?
    var user: UnsafeMutableRawPointer?
    var isDelivering = false
    var descriptor: Int32 = -1
    var calls = [Int](repeating: 0, count: Service.count)
    var slowestCallback: Int64 = 0
    var lastSign: Int64 = 0
    var widestGap: Int64 = 0

    // By the run thread.
    var outputLength: UInt64 = 0
    var outputHash = Hash()
    var output: [UInt8] = []
    /// Of the last emit that was refused and not made good.
    var lost: UInt64?
    var errorText: [UInt8] = []
    var errorCode: Int32 = 0
    var errorCalls = 0
    var retryAfter: UInt32 = 0
    var children: [[UInt8]] = []
    var resultsRead = 0

    func open(_ plan: Plan) {
        gate.lock()
        self.plan = plan
        generation += 1
        isOpen = true
        runThread = pthread_self()
        level = 0
        askedAt = 0
        slowestCallback = 0
        (instance, function, user) = (nil, nil, nil)
        for index in calls.indices { calls[index] = 0 }
        (outputLength, outputHash, lost) = (0, Hash(), nil)
        output.removeAll()
        errorText.removeAll()
        (errorCode, errorCalls, retryAfter) = (0, 0, 0)
        children.removeAll()
        resultsRead = 0
        startedAt = guest_monotonic()
        (lastSign, widestGap) = (startedAt, 0)
        gate.unlock()
    }

    /// After this no service takes the context and no callback runs.
    func shut() {
        gate.lock()
        (function, instance) = (nil, nil)
        while isDelivering { gate.wait() }
        isOpen = false
        noteSign(at: guest_monotonic())
        if descriptor >= 0 {
            close(descriptor)
            descriptor = -1
        }
        gate.unlock()
    }

    /// With `gate` locked.
    func noteSign(at now: Int64) {
        widestGap = max(widestGap, now - lastSign)
        lastSign = now
    }

    /// With `gate` locked. What a call to `service` is to answer instead, if anything.
    func fault(_ service: Service) -> Int32? {
        calls[service.rawValue] += 1
        for fault in plan.faults where fault.service == service {
            if fault.ordinal == 0 || fault.ordinal == calls[service.rawValue] { return fault.code }
        }
        return nil
    }

    var usedServices: [Service] {
        Service.refusing.filter { calls[$0.rawValue] > 0 }
    }
}

/// FNV-1a.
struct Hash {
    private(set) var value: UInt64 = 0xCBF2_9CE4_8422_2325

    mutating func add(_ bytes: UnsafeRawBufferPointer) {
        for byte in bytes { value = (value ^ UInt64(byte)) &* 0x100_0000_01B3 }
    }

    mutating func add(_ bytes: [UInt8]) {
        bytes.withUnsafeBytes { add($0) }
    }

    mutating func add(_ number: some FixedWidthInteger) {
        withUnsafeBytes(of: number) { add($0) }
    }
}
