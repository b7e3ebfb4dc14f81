/// One round of the pool's thread: the time it runs at, room to read into, and what it will tell the engine.
final class Turn {
    var now = Moment.now()
    var events: [GuestEvent] = []
    var frames: [GuestFrame] = []
    var items: [LinePipe.Item] = []
    let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 256 << 10, alignment: 16)

    deinit {
        buffer.deallocate()
    }

    func takeEvents() -> [GuestEvent] {
        defer { events = [] }
        return events
    }
}
