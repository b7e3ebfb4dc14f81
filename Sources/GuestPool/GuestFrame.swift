import CGuestWire

/// What a guest says, checked for layout only: whether it may say so now is the state machine's question.
enum GuestFrame: Hashable {
    case hello(Hello)
    case loaded(piece: [UInt8], isLast: Bool)
    case failed(stage: UInt32, code: Int32, text: String)
    case emit(call: UInt64, bytes: [UInt8])
    case log(call: UInt64, LogEntry)
    case done(call: UInt64, Done)
    case children(call: UInt64, bytes: [UInt8])
    case ask(call: UInt64, piece: [UInt8], isLast: Bool)
    case metrics(call: UInt64, [String: Int64])

    struct Hello: Hashable {
        let layout: UInt64
        let inForce: UInt32
        let landlockABI: UInt32
        let setupNanoseconds: UInt32
    }

    /// Kept as it came: most lines of a flood are dropped unread.
    struct LogEntry: Hashable {
        let level: Int
        let unixNanoseconds: UInt64
        /// The text, and behind it names and values, with a NUL between them.
        fileprivate let bytes: [UInt8]
        fileprivate let textLength: Int

        var size: Int { bytes.count }

        var text: String {
            let fields = bytes.dropFirst(textLength).split(separator: 0, omittingEmptySubsequences: false)
            var text = String(decoding: bytes.prefix(textLength), as: UTF8.self)
            for pair in stride(from: 0, to: fields.count - 1, by: 2) {
                let (name, value) = (fields[pair], fields[pair + 1])
                text += " \(String(decoding: name, as: UTF8.self))=\(String(decoding: value, as: UTF8.self))"
            }
            return text
        }
    }

    struct Done: Hashable {
        let code: Int32
        let retryAfterMilliseconds: UInt32
        let startedNanoseconds: UInt64
        let finishedNanoseconds: UInt64
        let cpuNanoseconds: UInt64
        let outputLength: UInt64
        let droppedLogs: UInt32
        let childCount: UInt32
        /// Bits of GW_EXHAUSTED_….
        let exhausted: UInt32
        let error: String
    }
}

extension GuestFrame {
    /// The frame of a header that `FrameReader` found sound, with all of its body.
    init(_ header: gw_frame, body: UnsafeRawBufferPointer) throws(ProtocolViolation) {
        let kind = UInt32(header.kind)
        try Self.checkHeader(header, kind)
        switch kind {
        case GW_HELLO: self = .hello(try Self.hello(body))
        case GW_LOADED: self = .loaded(piece: Array(body), isLast: UInt32(header.flags) & GW_MORE == 0)
        case GW_FAILED: self = try Self.failed(body)
        case GW_EMIT: self = .emit(call: header.call, bytes: Array(body))
        case GW_LOG: self = .log(call: header.call, try Self.log(body))
        case GW_CHILDREN: self = .children(call: header.call, bytes: Array(body))
        case GW_ASK:
            self = .ask(call: header.call, piece: Array(body), isLast: UInt32(header.flags) & GW_MORE == 0)
        case GW_METRICS: self = .metrics(call: header.call, try Self.metrics(body))
        default: self = .done(call: header.call, try Self.done(body))
        }
    }

    private static func checkHeader(_ header: gw_frame, _ kind: UInt32) throws(ProtocolViolation) {
        guard (GW_HELLO...GW_METRICS).contains(kind) else { throw ProtocolViolation("frame of unknown kind \(kind)") }
        let continues = kind == GW_LOADED || kind == GW_EMIT || kind == GW_ASK
        guard UInt32(header.flags) & ~(continues ? GW_MORE : 0) == 0 else {
            throw ProtocolViolation("frame of kind \(kind) with flags \(header.flags)")
        }
        guard header.slot < GW_SLOTS, header.slot == 0 || header.call != 0, header.zero == 0 else {
            throw ProtocolViolation("frame for slot \(header.slot)")
        }
        let isOfAttempt = kind == GW_EMIT || kind >= GW_DONE
        guard kind == GW_LOG || (header.call != 0) == isOfAttempt else {
            throw ProtocolViolation("frame of kind \(kind) with call \(header.call)")
        }
    }

    private static func hello(_ body: UnsafeRawBufferPointer) throws(ProtocolViolation) -> Hello {
        let (value, rest) = try split(body, as: gw_hello.self)
        guard rest.isEmpty else { throw ProtocolViolation("HELLO with \(rest.count) bytes too many") }
        return Hello(
            layout: value.layout, inForce: value.in_force, landlockABI: value.landlock_abi,
            setupNanoseconds: value.setup_ns)
    }

    private static func failed(_ body: UnsafeRawBufferPointer) throws(ProtocolViolation) -> GuestFrame {
        let (value, rest) = try split(body, as: gw_failed.self)
        return .failed(stage: value.stage, code: value.code, text: String(decoding: rest, as: UTF8.self))
    }

    private static func log(_ body: UnsafeRawBufferPointer) throws(ProtocolViolation) -> LogEntry {
        let (value, rest) = try split(body, as: gw_log.self)
        guard Int(value.text_length) <= rest.count else { throw ProtocolViolation("LOG text runs over its frame") }
        return LogEntry(
            level: min(max(Int(value.level), 0), 4), unixNanoseconds: value.unix_ns, bytes: Array(rest),
            textLength: Int(value.text_length))
    }

    private static func metrics(_ body: UnsafeRawBufferPointer) throws(ProtocolViolation) -> [String: Int64] {
        var metrics: [String: Int64] = [:]
        var rest = body
        while !rest.isEmpty {
            let (head, names) = try split(rest, as: gw_metric.self)
            guard (1...GW_METRIC_NAME_LIMIT).contains(head.name_length), Int(head.name_length) <= names.count,
                metrics.count < GW_METRICS_LIMIT
            else { throw ProtocolViolation("METRICS of \(body.count) bytes that hold no names and numbers") }
            let name = names.prefix(Int(head.name_length))
            let isName = name.allSatisfy { byte in
                (0x61...0x7A).contains(byte) || (0x30...0x39).contains(byte) || byte == 0x5F || byte == 0x2E
            }
            guard isName else {
                throw ProtocolViolation("METRICS with a name that is none")
            }
            metrics[String(decoding: name, as: UTF8.self)] = head.value
            rest = UnsafeRawBufferPointer(rebasing: names.dropFirst(name.count))
        }
        return metrics
    }

    private static func done(_ body: UnsafeRawBufferPointer) throws(ProtocolViolation) -> Done {
        let (value, rest) = try split(body, as: gw_done.self)
        guard Int(value.error_length) == rest.count, rest.count <= 2048 else {
            throw ProtocolViolation("DONE with \(rest.count) bytes of error text that says \(value.error_length)")
        }
        return Done(
            code: value.code, retryAfterMilliseconds: value.retry_after_ms, startedNanoseconds: value.started_ns,
            finishedNanoseconds: value.finished_ns, cpuNanoseconds: value.cpu_ns, outputLength: value.output_length,
            droppedLogs: value.dropped_logs,
            childCount: value.child_count, exhausted: value.exhausted, error: String(decoding: rest, as: UTF8.self))
    }

    private static func split<Value: BitwiseCopyable>(
        _ body: UnsafeRawBufferPointer, as type: Value.Type
    ) throws(ProtocolViolation) -> (Value, Slice<UnsafeRawBufferPointer>) {
        let size = MemoryLayout<Value>.size
        guard body.count >= size else { throw ProtocolViolation("\(body.count) bytes cannot be a \(type)") }
        return (body.loadUnaligned(as: type), body[size...])
    }
}
