import CBerthPlugin
import CGuestWire

/// Makes LOG frames.
enum LogEncoder {
    static let textLimit = 8192
    /// Fields of one line together; those beyond it are left out.
    static let fieldsLimit = 16384

    static func frame(
        level: Int32, text: UnsafeRawBufferPointer, fields: UnsafeBufferPointer<berth_field>, unixNanoseconds: UInt64,
        slot: UInt32, call: UInt64
    ) -> [UInt8] {
        let text = Text.cut(text, to: textLimit)
        var payload: [UInt8] = []
        payload.append(contentsOf: text)
        for field in fields {
            guard payload.count - text.count + field.key_length + field.value_length + 2 <= fieldsLimit else { break }
            append(field.key, field.key_length, to: &payload)
            append(field.value, field.value_length, to: &payload)
        }
        let body = gw_log(unix_ns: unixNanoseconds, level: level, text_length: UInt32(text.count))
        return FrameEncoder.frames(FrameKind.log, slot: slot, call: call, body: body, payload: payload)
    }

    /// A NUL inside would shift all fields after it, so it ends the text.
    private static func append(_ text: UnsafePointer<CChar>?, _ length: Int, to payload: inout [UInt8]) {
        if let text {
            let bytes = UnsafeRawBufferPointer(start: text, count: length)
            payload.append(contentsOf: bytes.prefix { $0 != 0 })
        }
        payload.append(0)
    }
}
