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
    private let host: UnsafePointer<berth_host>

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
        throw monotonicNanoseconds >= deadlineNanoseconds ? .timedOut : .cancelled
    }

    /// Becomes and stays readable once a stop is asked for; for poll. The host's: do not read or close it. -1 when none
    /// can be made.
    public var cancelDescriptor: Int32 { host.pointee.cancel_descriptor(handle) }

    /// Calls `body` when a stop is asked for and again at the last call, on a thread of the host's, where it has 100 ms.
    /// Once per call into the component; what comes after that call is dropped.
    public func onCancel(_ body: @escaping @Sendable (StopReason) -> Void) throws(PluginFailure) {
        let key = UnsafeMutableRawPointer(handle)
        cancelCallbacks.withLock { $0[UInt(bitPattern: handle)] = body }
        let status = host.pointee.on_cancel(
            handle,
            { user, reason in
                let body = cancelCallbacks.withLock { $0[UInt(bitPattern: user)] }
                body?(StopReason(reason))
            }, key)
        guard status == BERTH_OK else { throw PluginFailure(code: BERTH_FAIL, "on_cancel was refused: \(status)") }
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
        let failure = error as? PluginFailure ?? .permanent("\(error)")
        withBytes(failure.reason) {
            _ = host.pointee.set_error(
                handle, failure.code, failure.retryAfterMilliseconds, $0.baseAddress, $0.count)
        }
        return failure.code
    }

    private func check(_ emitted: berth_status) throws(PluginFailure) {
        if emitted == BERTH_TOO_LARGE { throw .permanent("the output is larger than the limit allows") }
        if emitted != BERTH_OK { throw .permanent("the host refused the output: code \(emitted)") }
    }
}

/// What ``Context/onCancel(_:)`` was given, by context. The host gets a key into this table and no object, so that a
/// call that comes late finds nothing instead of freed memory.
private let cancelCallbacks = Mutex<[UInt: @Sendable (StopReason) -> Void]>([:])

extension Context {
    /// At the end of the call that received the context.
    func end() {
        _ = cancelCallbacks.withLock { $0.isEmpty ? nil : $0.removeValue(forKey: UInt(bitPattern: handle)) }
    }
}

/// Which run this is.
public struct RunIds: Sendable {
    /// The run's number, never used twice.
    public let run: UInt64
    /// The run itself, or the one whose stages this run belongs to.
    public let rootRun: UInt64
    /// 1 for the first attempt of the run.
    public let startNumber: UInt32
    /// Nil when the run belongs to none.
    public let job: String?
    /// W3C form.
    public let traceparent: String?

    init(_ handle: OpaquePointer, _ host: UnsafePointer<berth_host>) {
        var ids = berth_ids()
        ids.struct_size = UInt32(MemoryLayout<berth_ids>.size)
        _ = host.pointee.ids(handle, &ids)
        run = ids.run
        rootRun = ids.root_run
        startNumber = ids.start_number
        job = Self.text(ids.job, ids.job_length)
        traceparent = Self.text(ids.traceparent, ids.traceparent_length)
    }

    private static func text(_ start: UnsafePointer<CChar>?, _ length: Int) -> String? {
        guard let start, length > 0 else { return nil }
        return String(decoding: UnsafeRawBufferPointer(start: start, count: length), as: UTF8.self)
    }
}

private func withBytes<Result>(_ text: String, _ body: (UnsafeBufferPointer<CChar>) -> Result) -> Result {
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
