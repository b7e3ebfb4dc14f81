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
        /// Params of the children that were emitted.
        var children: [String] = []
        /// What next_result gives, in this order.
        var results: [(status: berth_status, bytes: [UInt8])] = []
        /// The result given last; the plugin may look at it until it asks for the next one.
        var shown: ContiguousArray<UInt8> = []
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
    func run(
        _ plugin: berth_plugin, _ id: String, _ params: String, stage: UInt32 = BERTH_STAGE_ROOT
    ) -> berth_status {
        guard let component = plugin.find(id), let vtable = component.vtable else { return BERTH_NOT_FOUND }
        let context = OpaquePointer(Unmanaged.passUnretained(self).toOpaque())
        return Array(params.utf8).withUnsafeBytes { params in
            switch component.kind {
            case BERTH_KIND_HANDLER:
                vtable.load(as: berth_handler.self).execute(context, params.baseAddress, params.count)
            case BERTH_KIND_PROCESSOR: process(vtable.load(as: berth_processor.self), context, params, stage)
            case BERTH_KIND_RUNNER: work(vtable.load(as: berth_runner.self), context, params)
            default: BERTH_BAD_CALL
            }
        }
    }

    /// A processor in parts: the root stage, every child it emits, and the reduce stage. The first that fails ends it.
    func mapReduce(_ plugin: berth_plugin, _ id: String, _ params: String) -> berth_status {
        let root = run(plugin, id, params)
        guard root == BERTH_OK, !record.children.isEmpty else { return root }
        for params in record.children {
            let child = FakeAttempt()
            let status = child.run(plugin, id, params, stage: BERTH_STAGE_CHILD)
            change { $0.results.append((status, child.record.output)) }
        }
        return run(plugin, id, params, stage: BERTH_STAGE_REDUCE)
    }

    private func process(
        _ table: berth_processor, _ context: OpaquePointer, _ params: UnsafeRawBufferPointer, _ stage: UInt32
    ) -> berth_status {
        var instance: UnsafeMutableRawPointer?
        let made = table.`init`(context, params.baseAddress, params.count, &instance)
        guard made == BERTH_OK else { return made }
        defer { table.destroy(instance) }
        var input = berth_input(
            struct_size: UInt32(MemoryLayout<berth_input>.size), stage: stage, params: params.baseAddress,
            params_length: params.count, child_index: 0, child_count: UInt64(record.results.count))
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
        host.emit_children = { context, children, count in
            let params = (0..<count).map { fakeText(children?[$0].params, children?[$0].params_length ?? 0) }
            fakeAttempt(context)?.change { $0.children += params }
            return BERTH_OK
        }
        host.next_result = { context, bytes, length, status in
            guard let attempt = fakeAttempt(context), !attempt.record.results.isEmpty else { return BERTH_NOT_FOUND }
            attempt.change { record in
                let next = record.results.removeFirst()
                record.shown = ContiguousArray(next.bytes)
                status?.pointee = next.status
                length?.pointee = next.bytes.count
                bytes?.pointee = record.shown.withUnsafeBytes { $0.baseAddress }
            }
            return BERTH_OK
        }
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
        host.kv_get = { _, key, keyLength, buffer, length, version in
            guard let entry = FakeState.entry(fakeText(key, keyLength)), let length else { return BERTH_NOT_FOUND }
            defer { length.pointee = entry.value.count }
            version?.pointee = entry.version
            guard entry.value.count <= length.pointee else { return BERTH_TOO_LARGE }
            buffer?.copyMemory(from: entry.value, byteCount: entry.value.count)
            return BERTH_OK
        }
        host.kv_put = { _, key, keyLength, value, length, ifVersion in
            let bytes = [UInt8](UnsafeRawBufferPointer(start: value, count: length))
            return FakeState.put(fakeText(key, keyLength), bytes, ifVersion) ? BERTH_OK : BERTH_CONFLICT
        }
        host.extension = { _ in nil }
        return host
    }
}

/// State that outlives attempts.
enum FakeState {
    private static let entries = Mutex<[String: (value: [UInt8], version: UInt64)]>([:])

    static func entry(_ key: String) -> (value: [UInt8], version: UInt64)? { entries.withLock { $0[key] } }

    static func put(_ key: String, _ value: [UInt8], _ ifVersion: UInt64) -> Bool {
        entries.withLock { entries in
            let version = entries[key]?.version ?? 0
            guard ifVersion == version || ifVersion == .max else { return false }
            entries[key] = (value, version + 1)
            return true
        }
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

private func fakeText(_ start: UnsafeRawPointer?, _ length: Int) -> String {
    String(decoding: UnsafeRawBufferPointer(start: start, count: length), as: UTF8.self)
}
