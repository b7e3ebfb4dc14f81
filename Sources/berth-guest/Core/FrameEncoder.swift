import CGuestWire

/// Bytes of frames to the host.
enum FrameEncoder {
    static func header(_ kind: UInt8, length: Int, slot: UInt32 = 0, call: UInt64 = 0, more: Bool = false) -> gw_frame {
        gw_frame(
            magic: UInt16(GW_MAGIC), kind: kind, flags: more ? UInt8(GW_MORE) : 0, length: UInt32(length), slot: slot,
            zero: 0, call: call)
    }

    /// A frame whose body is `body` and then `payload`; what does not fit into one frame follows in others.
    static func frames<Body: BitwiseCopyable>(
        _ kind: UInt8, slot: UInt32 = 0, call: UInt64 = 0, body: Body, payload: [UInt8] = []
    ) -> [UInt8] {
        var whole: [UInt8] = []
        append(body, to: &whole)
        whole.append(contentsOf: payload)
        return frames(kind, slot: slot, call: call, payload: whole)
    }

    static func frames(_ kind: UInt8, slot: UInt32 = 0, call: UInt64 = 0, payload: [UInt8]) -> [UInt8] {
        var bytes: [UInt8] = []
        var start = 0
        repeat {
            let end = min(payload.count, start + Int(GW_BODY_LIMIT))
            let more = end < payload.count
            append(header(kind, length: end - start, slot: slot, call: call, more: more), to: &bytes)
            bytes.append(contentsOf: payload[start..<end])
            start = end
        } while start < payload.count
        return bytes
    }

    /// A row of frames of which each stands for itself.
    static func pieces(_ kind: UInt8, slot: UInt32, call: UInt64, payload: [UInt8]) -> [UInt8] {
        var bytes: [UInt8] = []
        for start in stride(from: 0, to: payload.count, by: Int(GW_BODY_LIMIT)) {
            let end = min(payload.count, start + Int(GW_BODY_LIMIT))
            append(header(kind, length: end - start, slot: slot, call: call), to: &bytes)
            bytes.append(contentsOf: payload[start..<end])
        }
        return bytes
    }

    static func append<Value: BitwiseCopyable>(_ value: Value, to bytes: inout [UInt8]) {
        withUnsafeBytes(of: value) { bytes.append(contentsOf: $0) }
    }
}
