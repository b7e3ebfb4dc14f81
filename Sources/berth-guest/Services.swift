import CBerthPlugin
import CGuestWire
import CGuestWire.Shims

/// The services of `berth_host`. A context that is null or over does no harm.
enum Services {
    /// Lives until the process ends; built once by the run thread before the entry is called.
    static var table: UnsafePointer<berth_host> {
        let table = UnsafeMutablePointer<berth_host>.allocate(capacity: 1)
        table.initialize(to: services())
        return UnsafePointer(table)
    }

    static func slot(_ context: OpaquePointer?) -> AttemptSlot? {
        let bits = UInt(bitPattern: context)
        let slots = Guest.shared.slots
        let index = Int(bits & 63)
        guard bits != 0, index < slots.count, slots[index].isCurrent(bits) else { return nil }
        return slots[index]
    }

    /// The slot, when the caller is the thread that runs its attempt.
    static func ownSlot(_ context: OpaquePointer?) -> AttemptSlot? {
        guard let slot = slot(context), pthread_equal(slot.runThread, pthread_self()) != 0 else { return nil }
        return slot
    }

    private static func services() -> berth_host {
        var host = berth_host()
        host.struct_size = UInt32(MemoryLayout<berth_host>.size)
        host.abi_version = (BERTH_ABI_MAJOR << 16) | BERTH_ABI_MINOR
        host.name = text("berth")
        host.version = text("0.1.0")
        addStopping(to: &host)
        addReporting(to: &host)
        addAsking(to: &host)
        host.monotonic_ns = { guest_monotonic() }
        host.unix_ns = { guest_realtime() }
        host.ids = { context, out in Services.ids(context, out) }
        return host
    }

    private static func addStopping(to host: inout berth_host) {
        host.cancel_state = { context in Int32(Services.slot(context)?.stopLevel ?? 0) }
        host.cancel_descriptor = { context in Services.slot(context)?.stopDescriptor() ?? -1 }
        host.on_cancel = { context, function, user in Services.onCancel(context, function, user) }
        host.deadline_ns = { context in Services.deadline(context) }
    }

    private static func addReporting(to host: inout berth_host) {
        host.log = { context, level, text, length, fields, count in
            Services.log(
                context, level, UnsafeRawBufferPointer(start: text, count: text == nil ? 0 : length),
                UnsafeBufferPointer(start: fields, count: fields == nil ? 0 : count))
        }
        host.heartbeat = { context in Services.slot(context)?.heartbeat() }
        host.progress = { context, done, total, note, length in
            let note = UnsafeRawBufferPointer(start: note, count: note == nil ? 0 : length)
            Services.slot(context)?.progress(done, total, note)
        }
        host.breadcrumb = { context, text, length in
            Services.slot(context)?.breadcrumb(UnsafeRawBufferPointer(start: text, count: text == nil ? 0 : length))
        }
        host.emit = { context, bytes, length, flags in Services.emit(context, bytes, length, flags) }
        host.set_error = { context, code, retryAfter, text, length in
            Services.setError(context, retryAfter, UnsafeRawBufferPointer(start: text, count: text == nil ? 0 : length))
        }
    }

    private static func addAsking(to host: inout berth_host) {
        host.extend = { context, more in Services.extend(context, more) }
        host.emit_children = { context, children, count in Services.emitChildren(context, children, count) }
        host.next_result = { context, bytes, length, status in Services.nextResult(context, bytes, length, status) }
        host.kv_get = { context, key, keyLength, buffer, length, version in
            let key = UnsafeRawBufferPointer(start: key, count: key == nil ? 0 : keyLength)
            return Services.get(context, key, buffer, length, version)
        }
        host.kv_put = { context, key, keyLength, value, length, ifVersion in
            guard value != nil || length == 0 else { return BERTH_BAD_CALL }
            return Services.put(
                context, UnsafeRawBufferPointer(start: key, count: key == nil ? 0 : keyLength),
                UnsafeRawBufferPointer(start: value, count: length), ifVersion)
        }
        _ = Metrics.table
        host.extension = { id in Services.extension(id) }
    }

    private static func text(_ words: StaticString) -> UnsafePointer<CChar> {
        UnsafeRawPointer(words.utf8Start).assumingMemoryBound(to: CChar.self)
    }
}
