import CGuestWire

/// Gathers what one attempt says at its end: its output as EMIT frames, then DONE, in one piece of memory that is used
/// again for the next attempt.
final class AttemptWriter {
    private static let header = MemoryLayout<gw_frame>.size
    private static let doneRoom = header + MemoryLayout<gw_done>.size + errorLimit
    static let errorLimit = 2048

    private let storage = UnsafeMutableRawPointer.allocate(
        byteCount: AttemptWriter.header + Int(GW_BODY_LIMIT) + AttemptWriter.doneRoom, alignment: 16)
    private var used = 0

    deinit {
        storage.deallocate()
    }

    /// What is to be sent now.
    var bytes: UnsafeRawBufferPointer { UnsafeRawBufferPointer(start: storage, count: used) }

    func clear() {
        used = 0
    }

    /// Takes as much of `output` into the EMIT frame as fits and says how much that was; 0: send, clear, go on.
    func emit(_ output: UnsafeRawBufferPointer, slot: UInt32, call: UInt64) -> Int {
        let held = max(0, used - Self.header)
        let taken = min(output.count, Int(GW_BODY_LIMIT) - held)
        guard taken > 0, let source = output.baseAddress else { return 0 }
        (storage + Self.header + held).copyMemory(from: source, byteCount: taken)
        let header = FrameEncoder.header(FrameKind.emit, length: held + taken, slot: slot, call: call)
        storage.storeBytes(of: header, as: gw_frame.self)
        used = Self.header + held + taken
        return taken
    }

    /// Puts DONE behind the output.
    func done(_ done: gw_done, error: UnsafeRawBufferPointer, slot: UInt32, call: UInt64) {
        let length = MemoryLayout<gw_done>.size + error.count
        let header = FrameEncoder.header(FrameKind.done, length: length, slot: slot, call: call)
        (storage + used).storeBytes(of: header, as: gw_frame.self)
        used += Self.header
        (storage + used).storeBytes(of: done, as: gw_done.self)
        used += MemoryLayout<gw_done>.size
        if let source = error.baseAddress, !error.isEmpty {
            (storage + used).copyMemory(from: source, byteCount: error.count)
            used += error.count
        }
    }
}
