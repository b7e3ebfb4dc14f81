import CGuestWire
import CGuestWire.Shims

/// What may be why an attempt failed: looked at after a failure.
enum Exhaustion {
    /// Bits of `gw_done.exhausted`.
    static func after(_ lastError: Int32) -> UInt32 {
        descriptors | (guest_has_memory(1 << 20) != 0 ? 0 : GW_EXHAUSTED_MEMORY) | refusal(lastError)
    }

    private static var descriptors: UInt32 {
        let spare = dup(0)
        if spare >= 0 { close(spare) }
        return spare < 0 && guest_errno() == EMFILE ? GW_EXHAUSTED_DESCRIPTORS : 0
    }

    private static func refusal(_ error: Int32) -> UInt32 {
        switch error {
        case ENOMEM: GW_REFUSED_MEMORY
        case EFBIG: GW_REFUSED_FILE_SIZE
        case EMFILE: GW_REFUSED_DESCRIPTORS
        default: 0
        }
    }
}
