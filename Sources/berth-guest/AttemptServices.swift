import CBerthPlugin
import CGuestWire
import CGuestWire.Shims

extension Services {
    static func onCancel(
        _ context: OpaquePointer?, _ function: StopState.Function?, _ user: UnsafeMutableRawPointer?
    ) -> berth_status {
        guard let function, let slot = slot(context) else { return BERTH_BAD_CALL }
        slot.gate.lock()
        let isFirst = slot.stop.function == nil
        if isFirst {
            slot.stop.function = function
            slot.stop.user = user
        }
        let hasWork = slot.stop.hasWork
        slot.gate.unlock()
        guard isFirst else { return BERTH_BAD_CALL }
        if hasWork {
            Guest.shared.callbacks.serve(slot)
        }
        return BERTH_OK
    }

    static func deadline(_ context: OpaquePointer?) -> Int64 {
        guard let slot = slot(context) else { return .max }
        let limit = Int64(clamping: slot.limitNanoseconds)
        guard limit > 0 else { return .max }
        let (deadline, overflows) = slot.startedNanoseconds.addingReportingOverflow(limit)
        return overflows ? .max : deadline
    }

    static func emit(
        _ context: OpaquePointer?, _ bytes: UnsafeRawPointer?, _ length: Int, _ flags: UInt32
    ) -> berth_status {
        guard let slot = ownSlot(context), flags == 0, bytes != nil || length == 0, length >= 0 else {
            return BERTH_BAD_CALL
        }
        guard let attempt = slot.attempt, UInt64(length) <= UInt64(attempt.order.output_limit) - slot.outputLength
        else {
            slot.outputIsFull = true
            return BERTH_TOO_LARGE
        }
        slot.outputLength += UInt64(length)
        var rest = UnsafeRawBufferPointer(start: bytes, count: length)
        while !rest.isEmpty {
            let taken = slot.writer.emit(rest, slot: slot.index, call: slot.call)
            if taken == 0 {
                Guest.shared.outbox.send(slot.writer.bytes)
                slot.writer.clear()
            }
            rest = UnsafeRawBufferPointer(rebasing: rest[taken...])
        }
        return BERTH_OK
    }

    static func setError(
        _ context: OpaquePointer?, _ retryAfter: UInt32, _ text: UnsafeRawBufferPointer
    ) -> berth_status {
        guard let slot = ownSlot(context) else { return BERTH_BAD_CALL }
        slot.errorText.removeAll(keepingCapacity: true)
        slot.errorText.append(contentsOf: Text.cut(text, to: AttemptWriter.errorLimit))
        slot.retryAfter = retryAfter
        return BERTH_OK
    }

    static func log(
        _ context: OpaquePointer?, _ level: Int32, _ text: UnsafeRawBufferPointer,
        _ fields: UnsafeBufferPointer<berth_field>
    ) {
        guard let slot = slot(context) else { return }
        slot.gate.lock()
        let call = slot.call
        let isAdmitted = call != 0 && slot.limiter.admits(at: guest_monotonic())
        slot.gate.unlock()
        guard isAdmitted else { return }
        let frame = LogEncoder.frame(
            level: level, text: text, fields: fields, unixNanoseconds: UInt64(guest_realtime()), slot: slot.index,
            call: call)
        guard !Guest.shared.outbox.offer(frame) else { return }
        slot.gate.lock()
        slot.limiter.drop()
        slot.gate.unlock()
    }

    /// Fills in as much of `out` as the plugin has room for.
    static func ids(_ context: OpaquePointer?, _ out: UnsafeMutablePointer<berth_ids>?) -> berth_status {
        guard let slot = slot(context), let out, let attempt = slot.attempt else { return BERTH_BAD_CALL }
        var ids = berth_ids()
        ids.start_number = attempt.order.start_number
        ids.run = attempt.order.run
        ids.root_run = attempt.order.root_run
        attempt.texts.withUnsafeBytes { texts in
            // The texts stay where they are for as long as the slot holds the attempt.
            let base = texts.baseAddress?.assumingMemoryBound(to: CChar.self)
            ids.job = base
            ids.job_length = attempt.jobEnd
            ids.traceparent = base.map { $0 + attempt.jobEnd }
            ids.traceparent_length = attempt.traceEnd - attempt.jobEnd
        }
        ids.struct_size = out.pointee.struct_size
        let room = min(Int(ids.struct_size), MemoryLayout<berth_ids>.size)
        guard room >= 4 else { return BERTH_BAD_CALL }
        withUnsafeBytes(of: ids) {
            UnsafeMutableRawBufferPointer(start: out, count: room).copyMemory(from: .init(rebasing: $0[..<room]))
        }
        return BERTH_OK
    }
}

extension AttemptSlot {
    func heartbeat() {
        guest_store(&page.pointee.heartbeat_ns, UInt64(guest_monotonic()))
    }

    func progress(_ done: UInt64, _ total: UInt64, _ note: UnsafeRawBufferPointer) {
        guest_store(&page.pointee.progress_done, done)
        guest_store(&page.pointee.progress_total, total)
        let kept = Text.cut(note, to: Int(GW_NOTE_BYTES))
        copy(kept, to: guest_note(page))
        guest_store32(&page.pointee.note_length, UInt32(kept.count))
        heartbeat()
    }

    func breadcrumb(_ text: UnsafeRawBufferPointer) {
        let kept = Text.cut(text, to: Int(GW_BREADCRUMB_BYTES))
        copy(kept, to: guest_breadcrumb(page))
        guest_store32(&page.pointee.breadcrumb_length, UInt32(kept.count))
        heartbeat()
    }

    private func copy(_ bytes: UnsafeRawBufferPointer, to place: UnsafeMutablePointer<CChar>) {
        if let source = bytes.baseAddress, !bytes.isEmpty {
            UnsafeMutableRawPointer(place).copyMemory(from: source, byteCount: bytes.count)
        }
    }
}
