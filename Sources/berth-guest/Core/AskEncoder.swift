import CGuestWire

/// The frames of one question to the host.
enum AskEncoder {
    static func frames(
        _ what: UInt32, number: UInt64, key: UnsafeRawBufferPointer, value: UnsafeRawBufferPointer, slot: UInt32,
        call: UInt64
    ) -> [UInt8] {
        let head = gw_ask(
            what: what, key_length: UInt32(key.count), payload_length: UInt32(key.count + value.count), zero: 0,
            number: number)
        return FrameEncoder.frames(
            FrameKind.ask, slot: slot, call: call, body: head, payload: [UInt8](key) + [UInt8](value))
    }
}
