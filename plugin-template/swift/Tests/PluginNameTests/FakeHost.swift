import BerthPlugin
import Synchronization

/// One attempt, run as Berth's guest would, and what the component did in it.
final class FakeAttempt: Sendable {
    struct Record {
        var output: [UInt8] = []
        var logs: [String] = []
        var fields: [[String: String]] = []
        var error = ""
        var errorCode: berth_status = 0
        var retryAfterMilliseconds: UInt32 = 0
        var breadcrumb = ""
        var progress: (done: UInt64, total: UInt64, note: String) = (0, 0, "")
        var deadline = Int64.max
        var cancelState: Int32 = 0
        var onCancel: (@Sendable (Int32) -> Void)?
    }

    private let state = Mutex(Record())

    var record: Record { state.withLock { $0 } }
    var output: String { String(decoding: record.output, as: UTF8.self) }

    func change(_ body: (inout sending Record) -> Void) {
        state.withLock { body(&$0) }
    }

    /// Asks the attempt to end, as the host does from another thread.
    func ask(_ state: Int32 = BERTH_STOP_ASKED, reason: Int32 = BERTH_STOP_CANCEL) {
        change { $0.cancelState = state }
        record.onCancel?(reason)
    }

    /// Runs the component with that id in full; a code, BERTH_NOT_FOUND when there is none.
    func run(_ plugin: berth_plugin, _ id: String, _ params: String) -> berth_status {
        guard let component = plugin.find(id), let vtable = component.vtable else { return BERTH_NOT_FOUND }
        let context = OpaquePointer(Unmanaged.passUnretained(self).toOpaque())
        return Array(params.utf8).withUnsafeBytes { params in
            switch component.kind {
            case BERTH_KIND_HANDLER:
                vtable.load(as: berth_handler.self).execute(context, params.baseAddress, params.count)
            case BERTH_KIND_PROCESSOR: process(vtable.load(as: berth_processor.self), context, params)
            case BERTH_KIND_RUNNER: work(vtable.load(as: berth_runner.self), context, params)
            default: BERTH_BAD_CALL
            }
        }
    }

    private func process(
        _ table: berth_processor, _ context: OpaquePointer, _ params: UnsafeRawBufferPointer
    ) -> berth_status {
        var instance: UnsafeMutableRawPointer?
        let made = table.`init`(context, params.baseAddress, params.count, &instance)
        guard made == BERTH_OK else { return made }
        defer { table.destroy(instance) }
        var input = berth_input(
            struct_size: UInt32(MemoryLayout<berth_input>.size), stage: BERTH_STAGE_SINGLE,
            params: params.baseAddress, params_length: params.count, child_index: 0, child_count: 0)
        return table.run(context, instance, &input)
    }

    private func work(
        _ table: berth_runner, _ context: OpaquePointer, _ params: UnsafeRawBufferPointer
    ) -> berth_status {
        var instance: UnsafeMutableRawPointer?
        let made = table.parse_args(context, params.baseAddress, params.count, &instance)
        guard made == BERTH_OK else { return made }
        defer { table.cleanup(instance) }
        _ = table.set_timeout(instance, 60_000)
        let executed = table.execute(context, instance)
        return executed == BERTH_OK ? table.result(context, instance) : executed
    }
}

/// The host's table of services, over ``FakeAttempt``. Never freed, as the contract wants it.
enum FakeHost {
    nonisolated(unsafe) static let table: UnsafePointer<berth_host> = {
        let table = UnsafeMutablePointer<berth_host>.allocate(capacity: 1)
        table.initialize(to: services)
        return UnsafePointer(table)
    }()

    /// What a plugin's entry answers; nil when it refuses.
    static func load(
        _ entry: (UnsafePointer<berth_host>, UnsafeMutablePointer<berth_plugin>) -> berth_status
    ) -> berth_plugin? {
        var plugin = berth_plugin()
        plugin.struct_size = UInt32(MemoryLayout<berth_plugin>.size)
        return entry(table, &plugin) == BERTH_OK ? plugin : nil
    }

    private static var services: berth_host {
        var host = berth_host()
        host.struct_size = UInt32(MemoryLayout<berth_host>.size)
        host.abi_version = BERTH_ABI_MAJOR << 16 | BERTH_ABI_MINOR
        host.log = { context, _, text, length, fields, count in
            let line = fakeText(text, length)
            var named: [String: String] = [:]
            for index in 0..<count {
                guard let field = fields?[index] else { continue }
                named[fakeText(field.key, field.key_length)] = fakeText(field.value, field.value_length)
            }
            fakeAttempt(context)?.change {
                $0.logs.append(line)
                $0.fields.append(named)
            }
        }
        host.cancel_state = { fakeAttempt($0)?.record.cancelState ?? 0 }
        host.cancel_descriptor = { _ in -1 }
        host.on_cancel = { context, function, user in
            let key = UInt(bitPattern: user)
            fakeAttempt(context)?.change {
                $0.onCancel = { function?(UnsafeMutableRawPointer(bitPattern: key), $0) }
            }
            return BERTH_OK
        }
        host.deadline_ns = { fakeAttempt($0)?.record.deadline ?? .max }
        host.monotonic_ns = { 1_000 }
        host.unix_ns = { 2_000 }
        host.heartbeat = { _ in }
        host.extend = { _, _ in BERTH_UNSUPPORTED }
        host.progress = { context, done, total, note, length in
            let note = fakeText(note, length)
            fakeAttempt(context)?.change { $0.progress = (done, total, note) }
        }
        host.breadcrumb = { context, text, length in
            let text = fakeText(text, length)
            fakeAttempt(context)?.change { $0.breadcrumb = text }
        }
        host.emit = { context, bytes, length, _ in
            let bytes = [UInt8](UnsafeRawBufferPointer(start: bytes, count: length))
            fakeAttempt(context)?.change { $0.output += bytes }
            return BERTH_OK
        }
        host.emit_children = { _, _, _ in BERTH_UNSUPPORTED }
        host.next_result = { _, _, _, _ in BERTH_UNSUPPORTED }
        host.set_error = { context, code, retryAfter, text, length in
            let text = fakeText(text, length)
            fakeAttempt(context)?.change {
                $0.error = text
                $0.errorCode = code
                $0.retryAfterMilliseconds = retryAfter
            }
            return BERTH_OK
        }
        host.ids = { _, out in
            out?.pointee.start_number = 3
            out?.pointee.run = 42
            out?.pointee.root_run = 41
            return BERTH_OK
        }
        host.kv_get = { _, _, _, _, _, _ in BERTH_UNSUPPORTED }
        host.kv_put = { _, _, _, _, _, _ in BERTH_UNSUPPORTED }
        host.extension = { _ in nil }
        return host
    }
}

extension berth_plugin {
    func find(_ id: String) -> berth_component? {
        UnsafeBufferPointer(start: components, count: component_count).first { String(cString: $0.id) == id }
    }
}

private func fakeAttempt(_ context: OpaquePointer?) -> FakeAttempt? {
    context.map { Unmanaged<FakeAttempt>.fromOpaque(UnsafeRawPointer($0)).takeUnretainedValue() }
}

private func fakeText(_ start: UnsafePointer<CChar>?, _ length: Int) -> String {
    String(decoding: UnsafeRawBufferPointer(start: start, count: length), as: UTF8.self)
}
