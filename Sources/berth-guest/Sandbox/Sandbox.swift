import CGuestWire
import CGuestWire.Shims

/// What the guest does to itself before it loads anything, while it has one thread.
enum Sandbox {
    static func enter(_ order: SetupOrder) -> Result<gw_hello, GuestFailure> {
        let hello = gw_hello(
            layout: GW_LAYOUT_DIGEST, pid: UInt32(getpid()), in_force: 0, landlock_abi: 0, zero: 0)
        return .success(hello)
    }
}
