import CBerthPlugin
import CCheckShims
import CGuestWire.Shims

/// The tables of services that a plugin may meet. All live until the process ends.
enum HostTable {
    /// Bytes of the table of ABI 1.0: all up to and with `extension`. Never changes.
    private static let firstBand = 176

    /// This build's own.
    static func ordinary() -> UnsafePointer<berth_host> {
        let table = UnsafeMutablePointer<berth_host>.allocate(capacity: 1)
        table.initialize(to: services())
        return UnsafePointer(table)
    }

    /// As the first host had it; what lies behind may not even be read.
    static func oldest() -> UnsafePointer<berth_host>? {
        guard let page = check_guarded_page() else { return nil }
        let place = page + (4096 - firstBand)
        var table = services()
        table.struct_size = UInt32(firstBand)
        table.abi_version = BERTH_ABI_MAJOR << 16
        withUnsafeBytes(of: &table) {
            place.copyMemory(from: $0.baseAddress ?? UnsafeRawPointer(page), byteCount: firstBand)
        }
        return UnsafePointer(place.assumingMemoryBound(to: berth_host.self))
    }

    /// As a later host will have it: of a higher minor version and longer, with functions nobody knows.
    static func newer() -> UnsafePointer<berth_host> {
        let size = MemoryLayout<berth_host>.size
        let place = UnsafeMutableRawPointer.allocate(byteCount: size + 256, alignment: 16)
        place.initializeMemory(as: UInt8.self, repeating: 0xDB, count: size + 256)
        var table = services()
        table.struct_size = UInt32(size + 256)
        table.abi_version = BERTH_ABI_MAJOR << 16 | 0xFFFF
        withUnsafeBytes(of: &table) {
            place.copyMemory(from: $0.baseAddress ?? UnsafeRawPointer(place), byteCount: size)
        }
        return UnsafePointer(place.assumingMemoryBound(to: berth_host.self))
    }

    /// Of another major version: nothing in it means what the plugin thinks.
    static func foreign() -> UnsafePointer<berth_host> {
        let size = 4096
        let place = UnsafeMutableRawPointer.allocate(byteCount: size, alignment: 16)
        place.initializeMemory(as: UInt8.self, repeating: 0xDB, count: size)
        place.storeBytes(of: UInt32(size), as: UInt32.self)
        place.storeBytes(of: (BERTH_ABI_MAJOR + 1) << 16, toByteOffset: 4, as: UInt32.self)
        return UnsafePointer(place.assumingMemoryBound(to: berth_host.self))
    }

    private static func services() -> berth_host {
        var host = berth_host()
        host.struct_size = UInt32(MemoryLayout<berth_host>.size)
        host.abi_version = BERTH_ABI_MAJOR << 16 | BERTH_ABI_MINOR
        host.name = text("berth-check")
        host.version = text("0.1.0")
        addAny(to: &host)
        addSigns(to: &host)
        addOwn(to: &host)
        return host
    }

    private static func addAny(to host: inout berth_host) {
        host.log = { context, _, _, _, _, _ in FakeServices.log(context) }
        host.cancel_state = { FakeServices.cancelState($0) }
        host.cancel_descriptor = { FakeServices.cancelDescriptor($0) }
        host.on_cancel = { context, function, user in FakeServices.onCancel(context, function, user) }
        host.deadline_ns = { FakeServices.deadline($0) }
        host.monotonic_ns = { guest_monotonic() }
        // Frozen: what depends on the time of day would not be the same twice.
        host.unix_ns = { 1_700_000_000_000_000_000 }
        host.ids = { context, out in FakeServices.ids(context, out) }
        host.extension = { _ in nil }
    }

    private static func addSigns(to host: inout berth_host) {
        host.heartbeat = { FakeServices.sign($0, .heartbeat) }
        host.progress = { context, _, _, _, _ in FakeServices.sign(context, .progress) }
        host.breadcrumb = { context, _, _ in FakeServices.sign(context, .breadcrumb) }
    }

    private static func addOwn(to host: inout berth_host) {
        host.extend = { context, _ in FakeServices.extend(context) }
        host.emit = { context, bytes, length, flags in FakeServices.emit(context, bytes, length, flags) }
        host.emit_children = { context, children, count in FakeServices.emitChildren(context, children, count) }
        host.next_result = { context, bytes, length, status in
            FakeServices.nextResult(context, bytes, length, status)
        }
        host.set_error = { context, code, retryAfter, text, length in
            FakeServices.setError(
                context, code, retryAfter, UnsafeRawBufferPointer(start: text, count: text == nil ? 0 : length))
        }
        host.kv_get = { context, key, keyLength, buffer, length, version in
            FakeServices.keyGet(
                context, UnsafeRawBufferPointer(start: key, count: key == nil ? 0 : keyLength), buffer, length, version)
        }
        host.kv_put = { context, key, keyLength, value, length, version in
            FakeServices.keyPut(
                context, UnsafeRawBufferPointer(start: key, count: key == nil ? 0 : keyLength),
                UnsafeRawBufferPointer(start: value, count: value == nil ? 0 : length), version)
        }
    }

    private static func text(_ words: StaticString) -> UnsafePointer<CChar> {
        UnsafeRawPointer(words.utf8Start).assumingMemoryBound(to: CChar.self)
    }
}
