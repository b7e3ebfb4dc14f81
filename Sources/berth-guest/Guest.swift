import CBerthPlugin
import CGuestWire
import CGuestWire.Shims

/// What all threads of this process share. Set once, while there is one thread, before any plugin code is loaded.
struct Guest {
    let outbox = Outbox()
    let callbacks = CallbackThread()
    let boundary: Boundary?
    let scratch: Scratch?
    let slots: [AttemptSlot]

    /// Written once by `main` before it starts another thread, only read afterwards.
    nonisolated(unsafe) static var shared = Guest(slots: [], boundary: nil, scratch: nil)

    init(slots: [AttemptSlot], boundary: Boundary?, scratch: Scratch?) {
        self.scratch = scratch
        self.slots = slots
        self.boundary = boundary
    }
}

@main enum Program {
    static func main() {
        let control = Control()
        let setup = control.setup()
        guard let slots = mapSlots() else { _exit(ExitCode.breach) }
        Guest.shared = Guest(slots: slots, boundary: .takeFromEnvironment(), scratch: .fromEnvironment())
        guest_die_by_signals(slots.first?.page)
        guest_line_buffer()
        do throws(GuestFailure) {
            let sandbox = try Sandbox.enter(setup).get()
            try control.startRunThread()
            try sandbox.sayHello()
            try ProcessLimits.applyToDescriptors(setup.limits)
        } catch {
            error.reportAndExit()
        }
        control.serve()
    }

    /// The page is mapped for good; its descriptor is not left for the plugin to shrink under the host's feet.
    private static func mapSlots() -> [AttemptSlot]? {
        guard guest_size(GW_PAGE) >= Int64(GW_SLOTS * GW_SLOT_BYTES),
            let page = guest_map(GW_PAGE, Int(GW_SLOTS * GW_SLOT_BYTES))
        else { return nil }
        close(GW_PAGE)
        let first = page.bindMemory(to: gw_slot.self, capacity: Int(GW_SLOTS))
        return (0..<GW_SLOTS).map { AttemptSlot(index: $0, page: first + Int($0)) }
    }
}

extension Sandbox {
    /// The host gets the listener, and nobody keeps another: who holds it could let calls pass.
    fileprivate func sayHello() throws(GuestFailure) {
        var frame = FrameEncoder.frames(FrameKind.hello, body: hello)
        guard listener >= 0 else { return Guest.shared.outbox.send(frame) }
        _ = guest_limit_descriptors(.max)
        let count = frame.count
        let sent = frame.withUnsafeMutableBytes { guest_send_descriptor(GW_SOCKET, $0.baseAddress, count, listener) }
        guard sent == count else { throw .sandbox("sendmsg") }
        close(listener)
    }
}

extension GuestFailure {
    func reportAndExit() -> Never {
        let body = gw_failed(stage: stage, code: code)
        let text = self.text.bytes.withUnsafeBytes { [UInt8](Text.cut($0, to: 4096)) }
        guest_flush()
        Guest.shared.outbox.send(FrameEncoder.frames(FrameKind.failed, body: body, payload: text))
        _exit(ExitCode.failedToLoad)
    }
}
