import CGuestWire

/// Cuts a stream of bytes into frames. Whatever the pieces it is fed in, the frames are the same.
struct FrameDecoder: ~Copyable {
    /// Room for the largest frame and, usually, a few hundred small ones in one read.
    static let capacity = 256 << 10

    private let storage = UnsafeMutableRawBufferPointer.allocate(byteCount: Self.capacity, alignment: 16)
    private var start = 0
    private var end = 0

    deinit {
        storage.deallocate()
    }

    /// Where the next bytes may be put; never empty, once every whole frame was taken. Ends the loan of all bodies.
    mutating func space() -> UnsafeMutableRawBufferPointer {
        if start > 0 {
            moveRestToFront()
        }
        return UnsafeMutableRawBufferPointer(rebasing: storage[end...])
    }

    /// `count` bytes were put into `space()`.
    mutating func fed(_ count: Int) {
        end += count
    }

    /// The next whole frame, or nil until more bytes came.
    mutating func next() throws(Breach) -> Frame? {
        let size = MemoryLayout<gw_frame>.size
        guard end - start >= size, let base = storage.baseAddress else { return nil }
        let header = UnsafeRawPointer(base + start).loadUnaligned(as: gw_frame.self)
        try check(header)
        let length = Int(header.length)
        guard end - start - size >= length else { return nil }
        let body = UnsafeRawBufferPointer(start: base + start + size, count: length)
        start += size + length
        return Frame(header: header, body: body)
    }

    private mutating func moveRestToFront() {
        let rest = end - start
        if rest > 0, let base = storage.baseAddress {
            base.copyMemory(from: base + start, byteCount: rest)
        }
        start = 0
        end = rest
    }

    private func check(_ header: gw_frame) throws(Breach) {
        guard header.magic == UInt16(GW_MAGIC), header.zero == 0 else { throw .magic }
        guard header.kind >= FrameKind.setup, header.kind <= FrameKind.answer else { throw .kind }
        guard header.length <= GW_BODY_LIMIT else { throw .length }
        guard header.slot < GW_SLOTS else { throw .slot }
        let flags = UInt32(header.flags)
        let mayContinue = header.kind == FrameKind.run || header.kind == FrameKind.answer
        guard flags == 0 || (flags == GW_MORE && mayContinue) else { throw .flags }
        let isAboutAttempt = mayContinue || header.kind == FrameKind.cancel
        guard isAboutAttempt == (header.call != 0) else { throw .call }
    }
}
