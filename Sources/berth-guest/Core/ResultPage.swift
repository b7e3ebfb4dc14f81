import CGuestWire

/// Results of children, as many as the host sent at once. What was handed out stays where it is until the next one is
/// asked for.
final class ResultPage {
    struct Result {
        var status: Int32
        var bytes: UnsafeRawBufferPointer
    }

    /// Results handed out in this attempt: the index of the next one.
    private(set) var handedOut: UInt64 = 0
    private var storage = UnsafeMutableRawBufferPointer(start: nil, count: 0)
    private var position = 0

    var isEmpty: Bool { position >= storage.count }

    func clear() {
        guard handedOut > 0 || storage.count > 0 else { return }
        handedOut = 0
        fill([])
    }

    func fill(_ payload: [UInt8]) {
        storage.deallocate()
        storage = UnsafeMutableRawBufferPointer.allocate(byteCount: payload.count, alignment: 16)
        storage.copyBytes(from: payload)
        position = 0
    }

    /// Nil at the end, and where the rest is no result.
    func next() -> Result? {
        let size = MemoryLayout<gw_result>.size
        guard let base = storage.baseAddress, storage.count - position >= size else { return nil }
        let head = UnsafeRawPointer(base + position).loadUnaligned(as: gw_result.self)
        let length = Int(head.length)
        guard storage.count - position - size >= length else { return nil }
        let bytes = UnsafeRawBufferPointer(start: base + position + size, count: length)
        position += size + length
        handedOut += 1
        return Result(status: head.status, bytes: bytes)
    }
}
