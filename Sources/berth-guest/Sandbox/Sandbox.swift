import CGuestWire
import CGuestWire.Shims

/// What the guest does to itself before it loads anything, while it has one thread. The order matters: each step may
/// need what a later one takes away.
struct Sandbox {
    private let order: SetupOrder
    private(set) var hello: gw_hello
    /// On which the host hears of refused calls; -1 when nobody does.
    private(set) var listener: Int32 = -1

    static func enter(_ order: SetupOrder) -> Result<Sandbox, GuestFailure> {
        var sandbox = Sandbox(order)
        let start = guest_monotonic()
        do throws(GuestFailure) {
            try sandbox.dieWithHost()
            if sandbox.mayStart, guest_adopt_orphans() != 0 { throw .sandbox("PR_SET_CHILD_SUBREAPER") }
            try ProcessLimits.apply(order.limits)
            try sandbox.restrict()
        } catch {
            return .failure(error)
        }
        sandbox.hello.setup_ns = UInt32(clamping: guest_monotonic() - start)
        return .success(sandbox)
    }

    private init(_ order: SetupOrder) {
        self.order = order
        let made = GW_FEATURE_PRIVATE_NETWORK | GW_FEATURE_PRIVATE_PIDS | GW_FEATURE_PRIVATE_USERS
        hello = gw_hello(
            layout: GW_LAYOUT_DIGEST, in_force: order.limits.wanted & made, landlock_abi: 0, setup_ns: 0, zero: 0)
    }

    private var mayStart: Bool { order.limits.grants & GW_GRANT_SUBPROCESS != 0 }

    private func wants(_ feature: UInt32) -> Bool { order.limits.wanted & feature != 0 }

    /// The host may have died before the kernel was told; its end of the socket then hangs up. Its pid would not tell:
    /// in a pid namespace of its own a guest never sees it.
    private func dieWithHost() throws(GuestFailure) {
        guard guest_die_with_parent() == 0 else { throw .sandbox("PR_SET_PDEATHSIG") }
        var socket = pollfd(fd: GW_SOCKET, events: Int16(POLLIN), revents: 0)
        poll(&socket, 1, 0)
        if socket.revents & Int16(POLLHUP | POLLERR | POLLNVAL) != 0 {
            _exit(ExitCode.hostGone)
        }
    }

    private mutating func restrict() throws(GuestFailure) {
        try put(GW_FEATURE_NO_DUMP, "PR_SET_DUMPABLE") { guest_hide_memory() }
        try put(GW_FEATURE_NO_NEW_PRIVS, "PR_SET_NO_NEW_PRIVS") { guest_no_new_privileges() }
        let seesToMemory = try denyWriteExecute()
        if wants(GW_FEATURE_LANDLOCK) {
            let landlock = try Landlock.enter(order)
            hello.landlock_abi = landlock.abi
            hello.in_force |= landlock.inForce
        }
        try put(GW_FEATURE_CAPABILITIES, "capset") { [order] in Self.keepCapabilities(order.limits.grants) }
        if wants(GW_FEATURE_SECCOMP) || wants(GW_FEATURE_LEARN) {
            try filter(seesToMemory: seesToMemory)
        }
    }

    private mutating func put(
        _ feature: UInt32, _ call: StaticString, _ body: () -> Int32
    ) throws(GuestFailure) {
        guard wants(feature) else { return }
        guard body() == 0 else { throw .sandbox(call) }
        hello.in_force |= feature
    }

    /// Root may still touch everybody's files, as far as Landlock lets it; that is what operators run it as root for.
    private static func keepCapabilities(_ grants: UInt32) -> Int32 {
        let files: UInt32 = 1 << 0 | 1 << 1 | 1 << 2 | 1 << 3 | 1 << 4  // CHOWN, DAC_…, FOWNER, FSETID
        let lowPorts: UInt32 = grants & GW_GRANT_NETWORK != 0 ? 1 << 10 : 0
        return guest_keep_capabilities(files | lowPorts)
    }

    /// No memory that is or was writable becomes executable. Programs the plugin may start are spared where the kernel
    /// can (6.6): many compile as they run. False on kernels before 6.3.
    private mutating func denyWriteExecute() throws(GuestFailure) -> Bool {
        guard wants(GW_FEATURE_MDWE), order.limits.lacks & GW_FEATURE_MDWE == 0 else { return false }
        let refuseGain: UInt = 1
        let noInherit: UInt = 2
        let isInForce =
            mayStart && guest_deny_write_execute(refuseGain | noInherit) == 0
            || guest_deny_write_execute(refuseGain) == 0
        guard isInForce || guest_errno() == EINVAL else { throw .sandbox("PR_SET_MDWE") }
        if isInForce { hello.in_force |= GW_FEATURE_MDWE }
        return isInForce
    }

    // MARK: Calls

    /// `seesToMemory`: the kernel denies memory that is writable and executable. It tells nobody; the filter does. Where a
    /// refused call is the end, what the kernel answers is enough.
    private mutating func filter(seesToMemory: Bool) throws(GuestFailure) {
        let deniesWriteExecute =
            wants(GW_FEATURE_MDWE) && !mayStart && !(seesToMemory && wants(GW_FEATURE_STRICT_CALLS))
        var fence = CallFence()
        fence.grants = order.limits.grants
        fence.isStrict = wants(GW_FEATURE_STRICT_CALLS)
        fence.learns = wants(GW_FEATURE_LEARN)
        fence.deniesWriteExecute = deniesWriteExecute
        fence.keepsLengths = (1..<3).contains(hello.landlock_abi)
        fence.keepsSignals = hello.in_force & (GW_FEATURE_PRIVATE_PIDS | GW_FEATURE_SIGNAL_SCOPE) != 0
        fence.ownPid = UInt32(getpid())
        fence.hostPid = UInt32(max(0, getppid()))
        let asks = wants(GW_FEATURE_NAMED_REFUSALS) && order.limits.lacks & GW_FEATURE_NAMED_REFUSALS == 0
        guard (asks && enter(fence, asking: true)) || enter(fence, asking: false) else {
            if guest_errno() == ENOSYS || guest_errno() == EINVAL { return }
            throw .sandbox("seccomp")
        }
        hello.in_force |= order.limits.wanted & (GW_FEATURE_SECCOMP | GW_FEATURE_STRICT_CALLS | GW_FEATURE_LEARN)
        if deniesWriteExecute { hello.in_force |= GW_FEATURE_MDWE }
    }

    /// Another filter around this process may have the one listener there can be; then calls are refused unheard.
    private mutating func enter(_ fence: CallFence, asking: Bool) -> Bool {
        var fence = fence
        if fence.isStrict { fence.refusal = CallAnswer.killProcess }
        if asking { fence.refusal = CallAnswer.askHost }
        let program = SeccompProgram.make(.current, fence)
        let result = program.withUnsafeBufferPointer { guest_filter($0.baseAddress, UInt16($0.count), asking ? 1 : 0) }
        if asking, result >= 0 {
            listener = result
            hello.in_force |= GW_FEATURE_NAMED_REFUSALS
        }
        return result >= 0
    }
}

extension GuestFailure {
    /// `call` failed where it should not have.
    static func sandbox(_ call: StaticString, _ code: Int32 = guest_errno()) -> GuestFailure {
        var text = Sentence(call)
        text.append(" failed: ")
        text.append(Text.terminated(strerror(code), limit: 256) ?? UnsafeRawBufferPointer(start: nil, count: 0))
        return GuestFailure(stage: GW_STAGE_SANDBOX, code: code, text: text)
    }
}
