import CGuestWire
import CGuestWire.Calls

/// Calls whose arguments decide. Each rule ends with an answer.
struct CallRules {
    let fence: CallFence

    private var refusal: UInt32 { fence.refusal }

    func judge(_ group: UInt32, _ code: inout FilterCode) {
        switch group {
        case GW_CALL_OPEN: judgeOpening(1, &code)
        case GW_CALL_OPENAT: judgeOpening(2, &code)
        case GW_CALL_CLONE: judgeClone(&code)
        case GW_CALL_SOCKET: judgeSocket(&code)
        case GW_CALL_PAIR: judgePair(&code)
        case GW_CALL_IOCTL: judgeControl(&code)
        case GW_CALL_FCNTL: judgeDescriptor(&code)
        case GW_CALL_PRCTL: judgeProcess(&code)
        case GW_CALL_KILL: judgeKill(&code)
        case GW_CALL_SIGNAL, GW_CALL_PROCESS: judgeSignal(&code)
        case GW_CALL_PRIORITY: judgePriority(&code)
        case GW_CALL_SCHEDULER: judgeScheduler(&code)
        case GW_CALL_SELF: passForItself(0, &code)
        case GW_CALL_LIMIT: judgeLimit(&code)
        case GW_CALL_LIMIT_OF: judgeLimitOf(&code)
        case GW_CALL_TIMES: judgeTimes(&code)
        case GW_CALL_PERSONALITY: pass([0, UInt32.max], in: 0, &code)
        case GW_CALL_MAP: judgeMapping(&code)
        case GW_CALL_PROTECT: judgeProtection(&code)
        case GW_CALL_SECCOMP: judgeFilter(&code)
        default: code.end(refusal)
        }
    }

    // MARK: Processes

    /// Threads pass, processes with their grant, new namespaces never, nor children of the parent's: the host would have
    /// them.
    private func judgeClone(_ code: inout FilterCode) {
        let newNamespaces: UInt32 = 0x7E02_0000
        let (thread, ofParent): (UInt32, UInt32) = (0x0001_0000, 0x8000)
        code.loadLow(0)
        code.end(refusal, ifAnyBit: newNamespaces | ofParent)
        if !fence.mayStart || fence.learns { code.end(refusal, unlessAnyBit: thread) }
        code.end(CallAnswer.pass)
    }

    private func judgeKill(_ code: inout FilterCode) {
        guard fence.mayStart else {
            // Zero: its own process group.
            return pass([0, fence.ownPid], in: 0, &code)
        }
        code.loadLow(0)
        code.end(refusal, ifEqual: UInt32.max)
        if fence.hostPid > 1 {
            code.end(refusal, ifEqual: fence.hostPid)
            code.end(refusal, ifEqual: 0 &- fence.hostPid)
        }
        code.end(CallAnswer.pass)
    }

    private func judgeSignal(_ code: inout FilterCode) {
        guard fence.mayStart else { return pass([fence.ownPid], in: 0, &code) }
        code.loadLow(0)
        if fence.hostPid > 1 { code.end(refusal, ifEqual: fence.hostPid) }
        code.end(CallAnswer.pass)
    }

    /// The parent-death signal stays SIGKILL, so that nobody outlives the host, and orphans stay with the guest; memory
    /// stays hidden.
    private func judgeProcess(_ code: inout FilterCode) {
        var adopting = FilterCode()
        adopting.loadLow(1)
        adopting.end(refusal, ifEqual: 0)
        adopting.end(CallAnswer.pass)
        code.loadLow(0)
        code.branch(ifEqual: 36, adopting)  // PR_SET_CHILD_SUBREAPER
        code.end(refusal, ifEqual: 0x5961_6D61)  // PR_SET_PTRACER
        code.branch(ifEqual: 1, only([9], in: 1))  // PR_SET_PDEATHSIG
        if !fence.mayStart { code.branch(ifEqual: 4, only([0], in: 1)) }  // PR_SET_DUMPABLE
        code.end(CallAnswer.pass)
    }

    /// A narrower filter is everybody's right. SECCOMP_FILTER_FLAG_NEW_LISTENER is not: once the host has closed its own
    /// listener, who has another one answers what this filter refuses.
    private func judgeFilter(_ code: inout FilterCode) {
        code.loadLow(1)
        code.end(refusal, ifAnyBit: 8)
        code.end(CallAnswer.pass)
    }

    private func judgePriority(_ code: inout FilterCode) {
        code.loadLow(0)
        code.end(refusal, unlessEqual: 0)  // of a process
        code.loadLow(2)
        code.end(refusal, ifAnyBit: 0x8000_0000)  // more than the ordinary share
        passForItself(1, &code)
    }

    private func judgeScheduler(_ code: inout FilterCode) {
        code.loadLow(1)
        for policy: UInt32 in [1, 2, 6] {  // FIFO, round robin, deadline
            code.end(refusal, ifEqual: policy)
            code.end(refusal, ifEqual: policy | 0x4000_0000)
        }
        passForItself(0, &code)
    }

    /// RLIMIT_LOCKS is the mark by which the host knows what came out of a guest: it stays.
    private static let locks: UInt32 = 10

    private func judgeLimit(_ code: inout FilterCode) {
        code.loadLow(0)
        code.end(refusal, ifEqual: Self.locks)
        code.end(CallAnswer.pass)
    }

    private func judgeLimitOf(_ code: inout FilterCode) {
        var reading = FilterCode()
        reading.loadLow(2)
        reading.end(refusal, unlessEqual: 0)
        reading.loadHigh(2)
        reading.end(refusal, unlessEqual: 0)
        passForItself(0, &reading)
        code.loadLow(1)
        code.branch(ifEqual: Self.locks, reading)
        passForItself(0, &code)
    }

    private func passForItself(_ argument: UInt32, _ code: inout FilterCode) {
        pass(fence.mayStart && !fence.learns ? [0] : [0, fence.ownPid], in: argument, &code)
    }

    // MARK: Sockets and descriptors

    /// IPv4 and IPv6, and what getaddrinfo asks the kernel. Sockets of the Unix kind reach other programs of this
    /// machine by path, which Landlock does not stop.
    private func judgeSocket(_ code: inout FilterCode) {
        code.loadLow(0)
        code.end(CallAnswer.pass, ifEqual: 2)
        code.end(CallAnswer.pass, ifEqual: 10)
        code.branch(ifEqual: 16, only([0], in: 2))  // NETLINK_ROUTE
        code.end(refusal)
    }

    /// Streams of the Unix kind alone: a datagram socket of a pair can be pointed elsewhere, and for other families the
    /// kernel makes sockets, or loads modules, before it says that they have no pairs.
    private func judgePair(_ code: inout FilterCode) {
        let stream: UInt32 = 1
        let (nonblocking, closedOnExec): (UInt32, UInt32) = (0x800, 0x80000)
        code.loadLow(0)
        code.end(refusal, unlessEqual: 1)
        pass([stream, stream | nonblocking, stream | closedOnExec, stream | nonblocking | closedOnExec], in: 1, &code)
    }

    /// TIOCSTI and TIOCLINUX would type into the operator's terminal, FIOSETOWN and SIOCSPGRP send signals. FS_IOC_SETFLAGS,
    /// FS_IOC_FSSETXATTR, FS_IOC_SETVERSION and FS_IOC_ENABLE_VERITY change files that may only be read.
    private func judgeControl(_ code: inout FilterCode) {
        let ofTerminals: [UInt32] = [0x5412, 0x541C, 0x8901, 0x8902]
        let ofFiles: [UInt32] = [0x4008_6602, 0x401C_5820, 0x4008_7602, 0x4080_6685]
        code.loadLow(1)
        for command in ofTerminals + ofFiles { code.end(refusal, ifEqual: command) }
        code.end(CallAnswer.pass)
    }

    /// F_SETOWN, F_SETSIG and F_SETOWN_EX send signals. F_SETLEASE and F_SETDELEG make whoever opens the file next wait for
    /// their holder, 45 seconds at a time: with those of the system it is every program of the machine. F_SETPIPE_SZ takes
    /// from what all pipes of a user may hold.
    private func judgeDescriptor(_ code: inout FilterCode) {
        code.loadLow(1)
        for command: UInt32 in [8, 10, 15, 1024, 1031, 1040] { code.end(refusal, ifEqual: command) }
        code.end(CallAnswer.pass)
    }

    /// Opening with O_TRUNC cuts a file short even when it is opened for reading; for writing Landlock judges it.
    private func judgeOpening(_ flags: UInt32, _ code: inout FilterCode) {
        let (write, readWrite, truncate): (UInt32, UInt32, UInt32) = (1, 2, 0x200)
        code.loadLow(flags)
        code.end(CallAnswer.pass, unlessAnyBit: truncate)
        var writing = FilterCode()
        writing.end(refusal, ifAnyBit: readWrite)  // both bits: neither reading nor writing
        writing.end(CallAnswer.pass)
        code.branch(ifAnyBit: write, writing)
        code.end(CallAnswer.pass, ifAnyBit: readWrite)
        code.end(refusal)
    }

    /// Programs may set the times of a descriptor, as they may set its mode; those of a path nobody.
    private func judgeTimes(_ code: inout FilterCode) {
        code.loadLow(1)
        code.end(refusal, unlessEqual: 0)
        code.loadHigh(1)
        code.end(refusal, unlessEqual: 0)
        code.end(CallAnswer.pass)
    }

    // MARK: Memory

    private func judgeMapping(_ code: inout FilterCode) {
        let (write, execute): (UInt32, UInt32) = (2, 4)
        code.loadLow(2)
        code.end(CallAnswer.pass, unlessAnyBit: write)
        code.end(refusal, ifAnyBit: execute)
        code.end(CallAnswer.pass)
    }

    private func judgeProtection(_ code: inout FilterCode) {
        code.loadLow(2)
        code.end(refusal, ifAnyBit: 4)  // execute
        code.end(CallAnswer.pass)
    }

    // MARK: Parts

    private func pass(_ values: [UInt32], in argument: UInt32, _ code: inout FilterCode) {
        code.loadLow(argument)
        for value in values { code.end(CallAnswer.pass, ifEqual: value) }
        code.end(refusal)
    }

    private func only(_ values: [UInt32], in argument: UInt32) -> FilterCode {
        var code = FilterCode()
        pass(values, in: argument, &code)
        return code
    }
}
