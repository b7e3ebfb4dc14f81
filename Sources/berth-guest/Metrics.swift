import CBerthPlugin
import CGuestWire.Shims

/// The extension `berth.metrics/1`: numbers that are kept with the attempt.
enum Metrics {
    /// Lives until the process ends; made with the table of services, before any plugin code runs, and only read later.
    nonisolated(unsafe) static let table: UnsafeRawPointer = {
        let table = UnsafeMutablePointer<berth_metrics>.allocate(capacity: 1)
        table.initialize(to: berth_metrics())
        table.pointee.struct_size = UInt32(MemoryLayout<berth_metrics>.size)
        table.pointee.add = { context, name, length, more in
            Metrics.change(context, name, length) { $0.add($1, more) }
        }
        table.pointee.set = { context, name, length, value in
            Metrics.change(context, name, length) { $0.set($1, value) }
        }
        return UnsafeRawPointer(table)
    }()

    private static func change(
        _ context: OpaquePointer?, _ name: UnsafePointer<CChar>?, _ length: Int,
        _ body: (inout MetricTable, UnsafeRawBufferPointer) -> berth_status
    ) -> berth_status {
        guard let slot = Services.slot(context), let name, length > 0 else { return BERTH_BAD_CALL }
        slot.gate.lock()
        defer { slot.gate.unlock() }
        guard slot.call != 0 else { return BERTH_BAD_CALL }
        return body(&slot.metrics, UnsafeRawBufferPointer(start: name, count: length))
    }
}
