import CGuestWire
import CLinux
import Glibc

/// The page shared with a guest. All that is read from it are hints for people: the plugin can write there too.
final class ControlPage {
    /// Handed to the guest.
    let descriptor: Int32
    private let start: UnsafeMutableRawPointer

    init() throws(GuestPoolError) {
        let bytes = Int(GW_PAGE_BYTES)
        descriptor = berth_memory_create("berth-page", bytes)
        guard descriptor >= 0 else { throw .system(call: "memfd_create", code: -descriptor) }
        guard let start = berth_memory_map(descriptor, bytes) else {
            close(descriptor)
            throw .system(call: "mmap", code: ENOMEM)
        }
        self.start = start
    }

    deinit {
        munmap(start, Int(GW_PAGE_BYTES))
        close(descriptor)
    }

    /// Tells the attempt to stop, without waiting for the guest to read a frame.
    func store(cancel level: UInt32, of attempt: Attempt) {
        guard let offset = MemoryLayout<gw_slot>.offset(of: \.cancel) else { return }
        berth_store_word(
            (place(attempt.seat) + offset).assumingMemoryBound(to: UInt64.self), attempt.call &* 4 &+ UInt64(level))
    }

    /// Call of the attempt that the guest says it runs in seat 0; 0 for none.
    var running: UInt64 { start.load(as: gw_slot.self).call }

    /// What the guest's handler can say (`guest_die_by_signals`). A plugin can write on the page, too.
    private static let sayable: Set<Int32> = [
        SIGHUP, SIGINT, SIGQUIT, SIGABRT, SIGUSR1, SIGUSR2, SIGALRM, SIGTERM, SIGXCPU, SIGXFSZ,
    ]

    /// The signal of which the guest says it ended, as the first process of a namespace; 0 for none, and for one that its
    /// handler does not see.
    var ending: (signal: Int32, isFromWithin: Bool) {
        let said = start.load(as: gw_slot.self).signal
        let signal = Int32(said & 0xFF)
        return (Self.sayable.contains(signal) ? signal : 0, said & GW_SIGNAL_FROM_WITHIN != 0)
    }

    /// When the attempt last gave a sign of life, on the monotonic clock; 0 for never.
    func heartbeat(of attempt: Attempt) -> Int64 {
        let slot = place(attempt.seat).load(as: gw_slot.self)
        return slot.call == attempt.call ? min(Int64(clamping: slot.heartbeat_ns), Moment.now().monotonic) : 0
    }

    /// What the attempt last said of itself; nil when the page is not about it.
    func hints(of attempt: Attempt) -> Hints? {
        let slot = place(attempt.seat).load(as: gw_slot.self)
        guard slot.call == attempt.call else { return nil }
        return Hints(
            done: slot.progress_done, total: slot.progress_total,
            note: Self.text(slot.note, length: slot.note_length),
            breadcrumb: Self.text(slot.breadcrumb, length: slot.breadcrumb_length), place: Self.place(slot.phase))
    }

    private func place(_ seat: Int) -> UnsafeMutableRawPointer { start + seat * Int(GW_SLOT_BYTES) }

    struct Hints {
        let done: UInt64
        let total: UInt64
        let note: String
        let breadcrumb: String
        /// The call into the plugin that was made last; nil where that is the usual one, `execute` or `run`.
        let place: String?
    }

    private static func place(_ phase: UInt32) -> String? {
        switch phase {
        case GW_PHASE_INIT: "init or parse_args"
        case GW_PHASE_RESULT: "result"
        case GW_PHASE_DESTROY: "destroy or cleanup"
        default: nil
        }
    }

    private static func text<Storage>(_ storage: Storage, length: UInt32) -> String {
        withUnsafeBytes(of: storage) { bytes in
            String(decoding: bytes.prefix(Int(min(length, UInt32(bytes.count)))), as: UTF8.self)
        }
    }
}
