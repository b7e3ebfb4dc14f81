import CBerthPlugin
import CGuestWire.Shims

/// The extension `berth.secret/1`: what the operator gave for this plugin alone.
enum Secrets {
    /// Written once, before the plugin is loaded; only read afterwards.
    nonisolated(unsafe) static var given: [LoadOrder.Secret] = []

    /// Null when there are none. Lives until the process ends.
    static func table() -> UnsafeRawPointer? {
        guard !given.isEmpty else { return nil }
        let table = UnsafeMutablePointer<berth_secret>.allocate(capacity: 1)
        table.initialize(to: berth_secret())
        table.pointee.struct_size = UInt32(MemoryLayout<berth_secret>.size)
        table.pointee.get = { name, nameLength, buffer, length in
            Secrets.get(UnsafeRawBufferPointer(start: name, count: name == nil ? 0 : nameLength), buffer, length)
        }
        return UnsafeRawPointer(table)
    }

    private static func get(
        _ name: UnsafeRawBufferPointer, _ buffer: UnsafeMutableRawPointer?, _ length: UnsafeMutablePointer<Int>?
    ) -> berth_status {
        guard let length, length.pointee >= 0, buffer != nil || length.pointee == 0 else { return BERTH_BAD_CALL }
        guard let secret = given.first(where: { $0.name.elementsEqual(name) }) else { return BERTH_NOT_FOUND }
        let room = length.pointee
        length.pointee = secret.value.count
        guard secret.value.count <= room else { return BERTH_TOO_LARGE }
        secret.value.withUnsafeBytes { value in
            if let source = value.baseAddress, let buffer, !value.isEmpty {
                buffer.copyMemory(from: source, byteCount: value.count)
            }
        }
        return BERTH_OK
    }
}
