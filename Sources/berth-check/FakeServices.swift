import CBerthPlugin
import CCheckShims
import CGuestWire.Shims

/// What the services do.
enum FakeServices {
    static func log(_ context: OpaquePointer?) {
        guard let attempt = FakeHost.enter(context, .log) else { return }
        _ = attempt.fault(.log)
        attempt.gate.unlock()
    }

    static func cancelState(_ context: OpaquePointer?) -> Int32 {
        guard let attempt = FakeHost.enter(context, .cancelState) else { return BERTH_LAST_CALL }
        defer { attempt.gate.unlock() }
        _ = attempt.fault(.cancelState)
        return attempt.level
    }

    static func cancelDescriptor(_ context: OpaquePointer?) -> Int32 {
        guard let attempt = FakeHost.enter(context, .cancelDescriptor) else { return -1 }
        defer { attempt.gate.unlock() }
        if attempt.fault(.cancelDescriptor) != nil { return -1 }
        if attempt.descriptor < 0 {
            attempt.descriptor = eventfd(attempt.level > 0 ? 1 : 0, Int32(EFD_CLOEXEC | EFD_NONBLOCK))
        }
        return attempt.descriptor
    }

    static func onCancel(
        _ context: OpaquePointer?, _ function: StopState.Function?, _ user: UnsafeMutableRawPointer?
    ) -> berth_status {
        guard let function, let attempt = FakeHost.enter(context, .onCancel) else { return BERTH_BAD_CALL }
        if let code = attempt.fault(.onCancel) {
            attempt.gate.unlock()
            return code
        }
        let isFirst = attempt.function == nil
        if isFirst { (attempt.function, attempt.user) = (function, user) }
        let isAsked = attempt.level > 0
        let reason = attempt.plan.reason
        attempt.gate.unlock()
        guard isFirst else { return BERTH_BAD_CALL }
        if isAsked { function(user, reason) }
        return BERTH_OK
    }

    static func deadline(_ context: OpaquePointer?) -> Int64 {
        guard let attempt = FakeHost.enter(context, .deadline) else { return .max }
        defer { attempt.gate.unlock() }
        _ = attempt.fault(.deadline)
        return attempt.plan.deadline.map { attempt.startedAt + $0 } ?? .max
    }

    static func sign(_ context: OpaquePointer?, _ service: Service) {
        guard let attempt = FakeHost.enter(context, service) else { return }
        _ = attempt.fault(service)
        attempt.noteSign(at: guest_monotonic())
        attempt.gate.unlock()
    }

    static func extend(_ context: OpaquePointer?) -> berth_status {
        guard let attempt = FakeHost.enterOwn(context, .extend) else { return BERTH_BAD_CALL }
        defer { attempt.gate.unlock() }
        return attempt.fault(.extend) ?? BERTH_OK
    }

    static func emit(
        _ context: OpaquePointer?, _ bytes: UnsafeRawPointer?, _ length: Int, _ flags: UInt32
    ) -> berth_status {
        guard let attempt = FakeHost.enterOwn(context, .emit) else { return BERTH_BAD_CALL }
        defer { attempt.gate.unlock() }
        guard flags == 0, bytes != nil || length == 0, length >= 0 else { return BERTH_BAD_CALL }
        let piece = UnsafeRawBufferPointer(start: bytes, count: length)
        var hash = Hash()
        hash.add(piece)
        let isTooLarge = attempt.outputLength + UInt64(length) > attempt.plan.outputLimit
        if let code = attempt.fault(.emit) ?? (isTooLarge ? BERTH_TOO_LARGE : nil) {
            if length > 0 { attempt.lost = hash.value }
            return code
        }
        if attempt.lost == hash.value { attempt.lost = nil }
        attempt.outputLength += UInt64(length)
        attempt.outputHash.add(piece)
        if attempt.plan.keepsOutput { attempt.output.append(contentsOf: piece) }
        return BERTH_OK
    }

    static func emitChildren(
        _ context: OpaquePointer?, _ children: UnsafePointer<berth_child>?, _ count: Int
    ) -> berth_status {
        guard let attempt = FakeHost.enterOwn(context, .emitChildren) else { return BERTH_BAD_CALL }
        defer { attempt.gate.unlock() }
        if let code = attempt.fault(.emitChildren) { return code }
        let stage = attempt.plan.stage
        guard stage == BERTH_STAGE_ROOT || stage == BERTH_STAGE_CHILD, let children else { return BERTH_BAD_CALL }
        let stride = Int(children.pointee.struct_size)
        guard stride >= MemoryLayout<berth_child>.size, stride <= 4096 else { return BERTH_BAD_CALL }
        for index in 0..<count {
            let child = Prefix.read(UnsafeRawPointer(children) + index * stride, berth_child())
            attempt.children.append([UInt8](UnsafeRawBufferPointer(start: child.params, count: child.params_length)))
        }
        return BERTH_OK
    }

    static func nextResult(
        _ context: OpaquePointer?, _ bytes: UnsafeMutablePointer<UnsafeRawPointer?>?,
        _ length: UnsafeMutablePointer<Int>?, _ status: UnsafeMutablePointer<berth_status>?
    ) -> berth_status {
        guard let attempt = FakeHost.enterOwn(context, .nextResult) else { return BERTH_BAD_CALL }
        defer { attempt.gate.unlock() }
        if let code = attempt.fault(.nextResult) { return code }
        guard attempt.plan.stage == BERTH_STAGE_REDUCE, let bytes, let length, let status else { return BERTH_BAD_CALL }
        let index = attempt.resultsRead
        guard index < attempt.plan.results.count else { return BERTH_NOT_FOUND }
        attempt.resultsRead += 1
        status.pointee = BERTH_OK
        length.pointee = attempt.plan.results[index].count
        bytes.pointee = Lent.shared.lend(attempt.plan.results[index])
        return BERTH_OK
    }

    static func setError(
        _ context: OpaquePointer?, _ code: berth_status, _ retryAfter: UInt32, _ text: UnsafeRawBufferPointer
    ) -> berth_status {
        guard let attempt = FakeHost.enterOwn(context, .setError) else { return BERTH_BAD_CALL }
        defer { attempt.gate.unlock() }
        if let refusal = attempt.fault(.setError) { return refusal }
        attempt.errorText = [UInt8](Text.cut(text, to: 2048))
        (attempt.errorCode, attempt.retryAfter) = (code, retryAfter)
        attempt.errorCalls += 1
        return BERTH_OK
    }

    static func ids(_ context: OpaquePointer?, _ out: UnsafeMutablePointer<berth_ids>?) -> berth_status {
        guard let out, let attempt = FakeHost.enter(context, .ids) else { return BERTH_BAD_CALL }
        defer { attempt.gate.unlock() }
        if let code = attempt.fault(.ids) { return code }
        let none = UnsafeRawPointer(("" as StaticString).utf8Start).assumingMemoryBound(to: CChar.self)
        let size = out.pointee.struct_size
        var ids = berth_ids(
            struct_size: size, start_number: 1, run: attempt.plan.run, root_run: attempt.plan.run, job: none,
            job_length: 0, traceparent: none, traceparent_length: 0)
        let room = min(Int(size), MemoryLayout<berth_ids>.size)
        guard room >= 4 else { return BERTH_BAD_CALL }
        withUnsafeBytes(of: &ids) {
            UnsafeMutableRawBufferPointer(start: out, count: room).copyMemory(from: .init(rebasing: $0[..<room]))
        }
        return BERTH_OK
    }

    static func keyGet(
        _ context: OpaquePointer?, _ key: UnsafeRawBufferPointer, _ buffer: UnsafeMutableRawPointer?,
        _ length: UnsafeMutablePointer<Int>?, _ version: UnsafeMutablePointer<UInt64>?
    ) -> berth_status {
        guard let attempt = FakeHost.enterOwn(context, .keyGet) else { return BERTH_BAD_CALL }
        defer { attempt.gate.unlock() }
        if let code = attempt.fault(.keyGet) { return code }
        guard let length else { return BERTH_BAD_CALL }
        guard let found = FakeHost.store.get([UInt8](key)) else { return BERTH_NOT_FOUND }
        let room = length.pointee
        length.pointee = found.value.count
        version?.pointee = found.version
        guard found.value.count <= room else { return BERTH_TOO_LARGE }
        found.value.withUnsafeBytes { value in
            if let base = value.baseAddress { buffer?.copyMemory(from: base, byteCount: value.count) }
        }
        return BERTH_OK
    }

    static func keyPut(
        _ context: OpaquePointer?, _ key: UnsafeRawBufferPointer, _ value: UnsafeRawBufferPointer, _ version: UInt64
    ) -> berth_status {
        guard let attempt = FakeHost.enterOwn(context, .keyPut) else { return BERTH_BAD_CALL }
        defer { attempt.gate.unlock() }
        if let code = attempt.fault(.keyPut) { return code }
        return FakeHost.store.put([UInt8](key), [UInt8](value), ifVersion: version)
    }
}

/// What next_result lends until the next call, poisoned then. Unchecked because only the run thread of a reduce comes here.
final class Lent: @unchecked Sendable {
    static let shared = Lent()
    private var place: UnsafeMutableRawBufferPointer?

    func lend(_ bytes: [UInt8]) -> UnsafeRawPointer? {
        if let place {
            place.initializeMemory(as: UInt8.self, repeating: 0xDB)
            place.deallocate()
        }
        let fresh = UnsafeMutableRawBufferPointer.allocate(byteCount: bytes.count + 1, alignment: 8)
        bytes.withUnsafeBytes { fresh.copyBytes(from: $0) }
        place = fresh
        return UnsafeRawPointer(fresh.baseAddress)
    }
}
