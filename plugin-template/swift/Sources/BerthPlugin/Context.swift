import Synchronization

/// One attempt's connection to the host. Valid until the call that received it returns; do not keep it.
///
/// Sendable although it holds pointers: the host's services may be called from any thread while the context is valid,
/// save for `emit`, which belongs to the thread of the call.
public struct Context: @unchecked Sendable {
    /// How much a line matters.
    public enum LogLevel: Int32, Sendable {
        case trace, debug, info, warning, error
    }

    /// Whether the attempt is to go on.
    public enum Cancellation: Int32, Sendable {
        /// Run on.
        case none
        /// Finish soon and throw ``PluginFailure/cancelled``.
        case stopAsked
        /// A quarter of the grace is left; signals follow.
        case lastCall
    }

    let handle: OpaquePointer
    let host: UnsafePointer<berth_host>

    init?(_ handle: OpaquePointer?) {
        guard let handle, let host = Registered.host else { return nil }
        self.handle = handle
        self.host = host
    }

    /// A line in the run's log; 8 KiB of it are kept.
    public func log(_ text: String, level: LogLevel = .info, fields: KeyValuePairs<String, String> = [:]) {
        withFields(fields) { entries in
            withBytes(text) {
                host.pointee.log(handle, level.rawValue, $0.baseAddress, $0.count, entries.baseAddress, entries.count)
            }
        }
    }

    /// Costs one atomic load.
    public var cancellation: Cancellation {
        Cancellation(rawValue: host.pointee.cancel_state(handle)) ?? .lastCall
    }

    /// Throws ``PluginFailure/cancelled`` or ``PluginFailure/timedOut`` once a stop was asked for.
    public func checkCancellation() throws(PluginFailure) {
        guard cancellation != .none else { return }
        throw isLate ? .timedOut : .cancelled
    }

    /// Becomes and stays readable once a stop is asked for; for poll. The host's: do not read or close it. -1 when none
    /// can be made.
    public var cancelDescriptor: Int32 { host.pointee.cancel_descriptor(handle) }

    /// Calls `body` when a stop is asked for and again at the last call, on a thread of the host's, where it has 100 ms;
    /// at once when a stop was already asked for. What comes after the call into the component is dropped. Code that is
    /// `async` has `withTaskCancellationHandler` as well: its task is cancelled when a stop is asked for.
    public func onCancel(_ body: @escaping @Sendable (StopReason) -> Void) {
        Calls.listen(self, body)
    }

    /// On the clock of ``monotonicNanoseconds``; `Int64.max` when there is no limit.
    public var deadlineNanoseconds: Int64 { host.pointee.deadline_ns(handle) }

    /// Of a clock that never jumps.
    public var monotonicNanoseconds: Int64 { host.pointee.monotonic_ns() }

    /// Since 1970 UTC.
    public var unixNanoseconds: Int64 { host.pointee.unix_ns() }

    /// Says: still alive.
    public func heartbeat() {
        host.pointee.heartbeat(handle)
    }

    /// Asks for a later deadline; false when the host refuses.
    public func extend(milliseconds: UInt32) -> Bool {
        host.pointee.extend(handle, milliseconds) == BERTH_OK
    }

    /// `total` 0 when unknown; 200 bytes of the note are kept.
    public func progress(_ done: UInt64, of total: UInt64 = 0, note: String = "") {
        withBytes(note) { host.pointee.progress(handle, done, total, $0.baseAddress, $0.count) }
    }

    /// 120 bytes are kept, and shown when the process dies.
    public func breadcrumb(_ text: String) {
        withBytes(text) { host.pointee.breadcrumb(handle, $0.baseAddress, $0.count) }
    }

    /// Appends to the run's output.
    public func emit(_ text: String) throws(PluginFailure) {
        try check(withBytes(text) { host.pointee.emit(handle, $0.baseAddress, $0.count, 0) })
    }

    /// Appends to the run's output.
    public func emit(_ bytes: [UInt8]) throws(PluginFailure) {
        try check(bytes.withUnsafeBytes { host.pointee.emit(handle, $0.baseAddress, $0.count, 0) })
    }

    /// Who asks: run, start number, job.
    public var ids: RunIds { RunIds(handle, host) }

    /// The code for an error, after the host was told the reason.
    func report(_ error: any Error) -> berth_status {
        let failure = failure(error)
        withBytes(failure.reason) {
            _ = host.pointee.set_error(
                handle, failure.code, failure.retryAfterMilliseconds, $0.baseAddress, $0.count)
        }
        return failure.code
    }

    private func failure(_ error: any Error) -> PluginFailure {
        switch error {
        case let failure as PluginFailure: failure
        case let error as DecodingError: .params(error.words)
        case is CancellationError: isLate ? .timedOut : .cancelled
        default: .permanent("\(error)")
        }
    }

    private var isLate: Bool { monotonicNanoseconds >= deadlineNanoseconds }

    private func check(_ emitted: berth_status) throws(PluginFailure) {
        if emitted == BERTH_TOO_LARGE { throw .permanent("the output is larger than the limit allows") }
        if emitted != BERTH_OK { throw .permanent("the host refused the output: code \(emitted)") }
    }
}

func withBytes<Result>(_ text: String, _ body: (UnsafeBufferPointer<CChar>) -> Result) -> Result {
    var text = text
    return text.withUTF8 { $0.withMemoryRebound(to: CChar.self, body) }
}

/// The fields as the host reads them: views into one buffer.
private func withFields(
    _ fields: KeyValuePairs<String, String>, _ body: (UnsafeBufferPointer<berth_field>) -> Void
) {
    let texts = fields.flatMap { [Array($0.key.utf8CString), Array($0.value.utf8CString)] }
    Array(texts.joined()).withUnsafeBufferPointer { buffer in
        var next = buffer.baseAddress
        let views = texts.map { text in
            defer { next = next?.advanced(by: text.count) }
            return (start: next, length: text.count - 1)
        }
        let entries = stride(from: 0, to: views.count, by: 2).map {
            berth_field(
                key: views[$0].start, key_length: views[$0].length, value: views[$0 + 1].start,
                value_length: views[$0 + 1].length)
        }
        entries.withUnsafeBufferPointer(body)
    }
}
