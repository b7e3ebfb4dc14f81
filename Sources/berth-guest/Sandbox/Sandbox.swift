import CGuestWire
import CGuestWire.Shims

/// What the guest does to itself before it loads anything, while it has one thread. The order matters: each step may
/// need what a later one takes away.
enum Sandbox {
    static func enter(_ order: SetupOrder) -> Result<gw_hello, GuestFailure> {
        var hello = gw_hello(layout: GW_LAYOUT_DIGEST, pid: UInt32(getpid()), in_force: 0, landlock_abi: 0, zero: 0)
        do throws(GuestFailure) {
            try dieWithHost()
            try ProcessLimits.apply(order.limits)
            if order.limits.wanted != 0 {
                try restrict(order, &hello)
            }
        } catch {
            return .failure(error)
        }
        return .success(hello)
    }

    /// The host may have died before the kernel was told; its end of the socket then hangs up. Its pid would not tell:
    /// in a pid namespace of its own a guest never sees it.
    private static func dieWithHost() throws(GuestFailure) {
        guard guest_die_with_parent() == 0 else { throw .sandbox("PR_SET_PDEATHSIG") }
        var socket = pollfd(fd: GW_SOCKET, events: Int16(POLLIN), revents: 0)
        poll(&socket, 1, 0)
        if socket.revents & Int16(POLLHUP | POLLERR | POLLNVAL) != 0 {
            _exit(ExitCode.hostGone)
        }
    }

    private static func restrict(_ order: SetupOrder, _ hello: inout gw_hello) throws(GuestFailure) {
        let grants = order.limits.grants
        guard guest_no_new_privileges() == 0 else { throw .sandbox("PR_SET_NO_NEW_PRIVS") }
        hello.in_force |= GW_FEATURE_NO_NEW_PRIVS
        if try denyWriteExecute(sparesPrograms: grants & GW_GRANT_SUBPROCESS != 0) {
            hello.in_force |= GW_FEATURE_MDWE
        }
        let landlock = try Landlock.enter(order)
        hello.landlock_abi = landlock.abi
        hello.in_force |= landlock.inForce
        let program = SeccompProgram.make(SyscallTable.current, grants: grants, host: UInt32(max(0, getppid())))
        let isFiltered = program.withUnsafeBufferPointer { guest_filter($0.baseAddress, UInt16($0.count)) == 0 }
        guard isFiltered || guest_errno() == ENOSYS || guest_errno() == EINVAL else { throw .sandbox("seccomp") }
        if isFiltered {
            hello.in_force |= GW_FEATURE_SECCOMP
        }
    }

    /// No memory that is or was writable becomes executable. Programs the plugin may start are spared where the kernel
    /// can (6.6): many compile as they run. False on kernels before 6.3.
    private static func denyWriteExecute(sparesPrograms: Bool) throws(GuestFailure) -> Bool {
        let refuseGain: UInt = 1
        let noInherit: UInt = 2
        if sparesPrograms, guest_deny_write_execute(refuseGain | noInherit) == 0 { return true }
        if guest_deny_write_execute(refuseGain) == 0 { return true }
        guard guest_errno() == EINVAL else { throw .sandbox("PR_SET_MDWE") }
        return false
    }
}

extension GuestFailure {
    /// `call` failed where it should not have; errno says why.
    static func sandbox(_ call: StaticString) -> GuestFailure {
        let code = guest_errno()
        var text = Sentence(call)
        text.append(" failed: ")
        text.append(Text.terminated(strerror(code), limit: 256) ?? UnsafeRawBufferPointer(start: nil, count: 0))
        return GuestFailure(stage: GW_STAGE_SANDBOX, code: code, text: text)
    }
}
