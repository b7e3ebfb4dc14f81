import CGuestWire
import CGuestWire.Shims

/// Limits the kernel holds the process to.
enum ProcessLimits {
    static func apply(_ limits: gw_setup) throws(GuestFailure) {
        try set(limits.memory_bytes, "RLIMIT_DATA", guest_limit_memory)
        try set(limits.file_bytes, "RLIMIT_FSIZE", guest_limit_file)
        guard guest_limit_core() == 0 else { throw .sandbox("RLIMIT_CORE") }
        volunteerForMemoryShortage()
    }

    /// Behind HELLO: who may have fewer descriptors than others of the same user have on their way to somebody can send none,
    /// not even the listener.
    static func applyToDescriptors(_ limits: gw_setup) throws(GuestFailure) {
        try set(UInt64(limits.open_files), "RLIMIT_NOFILE", guest_limit_descriptors)
    }

    private static func set(
        _ value: UInt64, _ name: StaticString, _ apply: (UInt64) -> Int32
    ) throws(GuestFailure) {
        guard value == 0 || apply(value) == 0 else { throw .sandbox(name) }
    }

    /// When memory runs out the kernel should take a guest before the host. A kernel that does not let us is no reason
    /// to stop.
    private static func volunteerForMemoryShortage() {
        let file = guest_open("/proc/self/oom_score_adj", O_WRONLY)
        guard file >= 0 else { return }
        _ = write(file, "500", 3)
        close(file)
    }
}
