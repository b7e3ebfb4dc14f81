import CLinux

/// One round of the pool's thread: the time it runs at, room to read into, and what it will tell the engine.
final class Turn {
    var now = Moment.now()
    var events: [GuestEvent] = []
    var frames: [GuestFrame] = []
    var items: [LinePipe.Item] = []
    let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 256 << 10, alignment: 16)
    /// For what one message can carry.
    let descriptors = UnsafeMutableBufferPointer<Int32>.allocate(capacity: Int(BERTH_DESCRIPTORS_AT_ONCE))

    deinit {
        buffer.deallocate()
        descriptors.deallocate()
    }

    func takeEvents() -> [GuestEvent] {
        defer { events = [] }
        return events
    }
}
