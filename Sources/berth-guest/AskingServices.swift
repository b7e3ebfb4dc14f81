import CBerthPlugin
import CGuestWire
import CGuestWire.Shims

/// The services that end in a question to the host, and the children that are its to make.
extension Services {
    // MARK: Children

    /// All of `children` or none: everything is checked before anything is sent.
    static func emitChildren(
        _ context: OpaquePointer?, _ children: UnsafePointer<berth_child>?, _ count: Int
    ) -> berth_status {
        guard let slot = ownSlot(context), let stage = slot.attempt?.order.stage,
            stage == BERTH_STAGE_ROOT || stage == BERTH_STAGE_CHILD, count >= 0, children != nil || count == 0
        else { return BERTH_BAD_CALL }
        guard let children, count > 0 else { return BERTH_OK }
        guard count <= Int(GW_CHILDREN_PER_CALL) else { return BERTH_TOO_LARGE }
        var encoder = ChildrenEncoder()
        let code = encoder.add(children, count)
        guard code == BERTH_OK else { return code }
        guard slot.children.admit(count: count, bytes: encoder.bytes.count) else { return BERTH_TOO_LARGE }
        Guest.shared.outbox.send(
            FrameEncoder.pieces(FrameKind.children, slot: slot.index, call: slot.call, payload: encoder.bytes))
        return BERTH_OK
    }

    static func nextResult(
        _ context: OpaquePointer?, _ bytes: UnsafeMutablePointer<UnsafeRawPointer?>?,
        _ length: UnsafeMutablePointer<Int>?, _ status: UnsafeMutablePointer<berth_status>?
    ) -> berth_status {
        guard let slot = ownSlot(context), let attempt = slot.attempt, attempt.order.stage == BERTH_STAGE_REDUCE,
            let bytes, let length, let status
        else { return BERTH_BAD_CALL }
        guard slot.results.handedOut < attempt.order.child_count else { return BERTH_NOT_FOUND }
        if slot.results.isEmpty {
            let answer = slot.ask(GW_ASK_RESULTS, number: slot.results.handedOut, key: .none, value: .none)
            guard answer.head.status == BERTH_OK else { return answer.head.status }
            slot.results.fill(answer.payload)
        }
        guard let result = slot.results.next() else { return BERTH_AGAIN }
        bytes.pointee = result.bytes.baseAddress
        length.pointee = result.bytes.count
        status.pointee = result.status
        return BERTH_OK
    }

    // MARK: State

    static func get(
        _ context: OpaquePointer?, _ key: UnsafeRawBufferPointer, _ buffer: UnsafeMutableRawPointer?,
        _ length: UnsafeMutablePointer<Int>?, _ version: UnsafeMutablePointer<UInt64>?
    ) -> berth_status {
        guard let slot = ownSlot(context), !key.isEmpty, let length, length.pointee >= 0,
            buffer != nil || length.pointee == 0
        else { return BERTH_BAD_CALL }
        guard key.count <= Int(GW_KEY_LIMIT) else { return BERTH_TOO_LARGE }
        let answer = slot.ask(GW_ASK_GET, number: 0, key: key, value: .none)
        guard answer.head.status == BERTH_OK else { return answer.head.status }
        let room = length.pointee
        length.pointee = answer.payload.count
        version?.pointee = answer.head.number
        guard answer.payload.count <= room else { return BERTH_TOO_LARGE }
        answer.payload.withUnsafeBytes { value in
            if let source = value.baseAddress, let buffer, !value.isEmpty {
                buffer.copyMemory(from: source, byteCount: value.count)
            }
        }
        return BERTH_OK
    }

    static func put(
        _ context: OpaquePointer?, _ key: UnsafeRawBufferPointer, _ value: UnsafeRawBufferPointer, _ ifVersion: UInt64
    ) -> berth_status {
        guard let slot = ownSlot(context), !key.isEmpty else { return BERTH_BAD_CALL }
        guard key.count <= Int(GW_KEY_LIMIT), value.count <= Int(GW_VALUE_LIMIT) else { return BERTH_TOO_LARGE }
        return slot.ask(GW_ASK_PUT, number: ifVersion, key: key, value: value).head.status
    }

    // MARK: Time

    static func extend(_ context: OpaquePointer?, _ more: UInt32) -> berth_status {
        guard let slot = ownSlot(context) else { return BERTH_BAD_CALL }
        let answer = slot.ask(GW_ASK_EXTEND, number: UInt64(more), key: .none, value: .none)
        if answer.head.status == BERTH_OK {
            slot.limitNanoseconds = answer.head.number
        }
        return answer.head.status
    }
}

extension UnsafeRawBufferPointer {
    fileprivate static var none: UnsafeRawBufferPointer { UnsafeRawBufferPointer(start: nil, count: 0) }
}

extension Services {
    /// What the host offers beyond its table, by id and revision.
    static func `extension`(_ id: UnsafePointer<CChar>?) -> UnsafeRawPointer? {
        guard let id else { return nil }
        if strcmp(id, BERTH_EXTENSION_SECRET) == 0 { return Secrets.table() }
        return strcmp(id, BERTH_EXTENSION_METRICS) == 0 ? Metrics.table : nil
    }
}
