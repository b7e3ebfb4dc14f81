import CGuestWire

/// Cuts what arrives from a guest into frames, however it was split on the way.
struct FrameReader {
    /// The beginning of a frame whose rest has not arrived; never longer than the longest frame.
    private var pending: [UInt8] = []

    /// Appends the frames that are complete now. At a violation those before it have been appended.
    mutating func read(_ chunk: UnsafeRawBufferPointer, into frames: inout [GuestFrame]) throws(ProtocolViolation) {
        guard !pending.isEmpty else {
            let used = try Self.cut(chunk, into: &frames)
            pending.append(contentsOf: chunk[used...])
            return
        }
        pending.append(contentsOf: chunk)
        let used = try cutPending(into: &frames)
        pending.removeFirst(used)
    }

    private func cutPending(into frames: inout [GuestFrame]) throws(ProtocolViolation) -> Int {
        // `withUnsafeBytes` of an array throws untyped errors only.
        var result = Result<Int, ProtocolViolation>.success(0)
        pending.withUnsafeBytes { bytes in
            do throws(ProtocolViolation) {
                result = .success(try Self.cut(bytes, into: &frames))
            } catch {
                result = .failure(error)
            }
        }
        return try result.get()
    }

    /// How many bytes were whole frames.
    private static func cut(
        _ bytes: UnsafeRawBufferPointer, into frames: inout [GuestFrame]
    ) throws(ProtocolViolation) -> Int {
        let headerSize = MemoryLayout<gw_frame>.size
        var used = 0
        while bytes.count - used >= headerSize {
            let header = bytes.loadUnaligned(fromByteOffset: used, as: gw_frame.self)
            guard UInt32(header.magic) == GW_MAGIC else { throw ProtocolViolation("bytes that are no frame") }
            guard header.length <= GW_BODY_LIMIT else {
                throw ProtocolViolation("frame of \(header.length) bytes, \(GW_BODY_LIMIT) are allowed")
            }
            let start = used + headerSize
            let end = start + Int(header.length)
            guard end <= bytes.count else { break }
            frames.append(try GuestFrame(header, body: UnsafeRawBufferPointer(rebasing: bytes[start..<end])))
            used = end
        }
        return used
    }
}
