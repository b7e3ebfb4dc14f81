import CGuestWire

/// The kinds of frames, as the header's byte holds them.
enum FrameKind {
    static let setup = UInt8(GW_SETUP)
    static let load = UInt8(GW_LOAD)
    static let run = UInt8(GW_RUN)
    static let cancel = UInt8(GW_CANCEL)
    static let bye = UInt8(GW_BYE)
    static let answer = UInt8(GW_ANSWER)
    static let hello = UInt8(GW_HELLO)
    static let loaded = UInt8(GW_LOADED)
    static let failed = UInt8(GW_FAILED)
    static let emit = UInt8(GW_EMIT)
    static let log = UInt8(GW_LOG)
    static let done = UInt8(GW_DONE)
    static let children = UInt8(GW_CHILDREN)
    static let ask = UInt8(GW_ASK)
    static let metrics = UInt8(GW_METRICS)
}

/// What the host did wrong. The guest does not argue: it exits.
enum Breach: Error, Equatable {
    case magic, kind, length, slot, call, flags, order, body
}

/// One frame from the host, its header checked. `body` is borrowed from the decoder until it is fed again.
struct Frame {
    var header: gw_frame
    var body: UnsafeRawBufferPointer

    var kind: UInt8 { header.kind }
    var call: UInt64 { header.call }
    var hasMore: Bool { UInt32(header.flags) & GW_MORE != 0 }
}
