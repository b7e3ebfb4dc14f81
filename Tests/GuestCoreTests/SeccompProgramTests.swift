import CGuestWire
import CGuestWire.Calls
import CGuestWire.Shims
import Testing

struct SeccompProgramTests {
    typealias Machine = SeccompProgram.Machine

    @Test(arguments: [Machine.x86, .arm]) func `Only the one architecture passes`(machine: Machine) {
        let program = SeccompProgram.make(machine, CallFence())
        #expect(program.count < 450)
        let read = number("read", machine)
        #expect(answer(program, machine.architecture, read) == CallAnswer.pass)
        #expect(answer(program, 0x4000_0003, read) == CallAnswer.killProcess)
    }

    /// The program finds calls by halving: every one of them has to come out where the table says.
    @Test(arguments: [Machine.x86, .arm], [false, true])
    func `Every call passes or not as its group says`(machine: Machine, isStrict: Bool) {
        var fence = CallFence(isStrict: isStrict, refusal: CallAnswer.askHost)
        for grants in [0, GW_GRANT_NETWORK, GW_GRANT_SUBPROCESS, GW_GRANT_NETWORK | GW_GRANT_SUBPROCESS] {
            fence.grants = grants
            let program = SeccompProgram.make(machine, fence)
            var known: Set<UInt32> = []
            for call in table {
                guard let number = machine.number(of: call) else { continue }
                known.insert(number)
                let result = answer(program, machine.architecture, number)
                switch fence.verdict(on: UInt32(call.group)) {
                case .pass: #expect(result == CallAnswer.pass, "\(number)")
                case .refuse: #expect(result == CallAnswer.askHost, "\(number)")
                case .missing(let isHeard):
                    #expect(result == (isHeard ? CallAnswer.askHost : CallAnswer.noSuchCall), "\(number)")
                case .judge: #expect([CallAnswer.pass, CallAnswer.askHost].contains(result), "\(number)")
                }
            }
            for number in UInt32(0)...520 where !known.contains(number) {
                #expect(answer(program, machine.architecture, number) == CallAnswer.noSuchCall, "\(number)")
            }
            // Those of the x32 ABI.
            #expect(answer(program, machine.architecture, 0x4000_0001) == CallAnswer.noSuchCall)
        }
    }

    @Test(arguments: [
        "ptrace", "bpf", "keyctl", "mount", "unshare", "setuid", "chmod", "fchmodat", "chown", "setxattr", "truncate",
        "io_uring_setup", "perf_event_open", "userfaultfd", "process_vm_readv", "shmget", "fchmod", "execve", "fork",
        "socket", "connect",
    ])
    func `What nobody needs passes nowhere`(name: String) {
        for isStrict in [false, true] {
            let program = SeccompProgram.make(.x86, CallFence(isStrict: isStrict))
            #expect(answer(program, Machine.x86.architecture, number(name, .x86)) == CallAnswer.notPermitted)
        }
    }

    @Test(arguments: [Machine.x86, .arm]) func `Programs and sockets come with their grants, Unix sockets never`(
        machine: Machine
    ) {
        let both = SeccompProgram.make(machine, CallFence(grants: GW_GRANT_NETWORK | GW_GRANT_SUBPROCESS))
        let socket = number("socket", machine)
        for (arguments, passes) in [
            ([2], true), ([10], true), ([16, 3, 0], true), ([16, 3, 15], false), ([1], false), ([17], false),
        ] as [([UInt64], Bool)] {
            #expect((answer(both, machine.architecture, socket, arguments) == CallAnswer.pass) == passes)
        }
        for name in ["execve", "connect", "fchmod"] {
            #expect(answer(both, machine.architecture, number(name, machine)) == CallAnswer.pass)
        }
        #expect(answer(both, machine.architecture, number("chmod", .x86)) != CallAnswer.pass || machine == .arm)
    }

    private static let own: UInt64 = 77
    private static let host: UInt64 = 100

    @Test(
        arguments: [
            ("clone", [0x0001_0F00], true), ("clone", [0x11], false), ("clone", [0x1001_0F00], false),
            ("setpriority", [0, 0, 5], true), ("setpriority", [0, own, 5], true),
            ("setpriority", [0, 0, 0xFFFF_FFFB], false),
            ("setpriority", [0, host, 5], false), ("setpriority", [2, 0, 5], false),
            ("sched_setscheduler", [0, 3], true), ("sched_setscheduler", [0, 1], false),
            ("sched_setscheduler", [0, 0x4000_0001], false), ("sched_setscheduler", [host, 3], false),
            ("sched_setaffinity", [0], true), ("sched_setaffinity", [host], false), ("prlimit64", [0], true),
            ("prlimit64", [host], false), ("prlimit64", [0, 10], true), ("prlimit64", [0, 10, 0x1000], false),
            ("prlimit64", [0, 10, 0x1_0000_0000], false), ("prlimit64", [0, 7, 0x1000], true),
            ("prlimit64", [host, 10], false), ("setrlimit", [7, 0x1000], true), ("setrlimit", [10, 0x1000], false),
            ("ioctl", [1, 0x541B], true), ("ioctl", [0, 0x5412], false),
            ("ioctl", [0, 0x8901], false), ("fcntl", [0, 1], true), ("fcntl", [0, 8], false), ("prctl", [1, 9], true),
            ("prctl", [1, 0], false), ("prctl", [4, 1], false), ("prctl", [4, 0], true), ("prctl", [38, 1], true),
            ("prctl", [0x5961_6D61, 1], false), ("prctl", [36, 1], true), ("prctl", [36, 0], false),
            ("utimensat", [3, 0], false), ("utimensat", [3, 0x1000], false),
            ("ioctl", [3, 0x4008_6602], false), ("ioctl", [3, 0x401C_5820], false), ("socketpair", [2, 1], false),
            ("socketpair", [30, 1], false), ("kill", [own, 15], true), ("kill", [0, 15], true),
            ("kill", [host, 9], false), ("kill", [200, 9], false), ("kill", [0xFFFF_FFFF, 9], false),
            ("tgkill", [own, 78], true), ("tgkill", [host, host], false), ("tkill", [host], false),
            ("personality", [0xFFFF_FFFF], true), ("personality", [0x0040_0000], false), ("socketpair", [1, 1], true),
            ("socketpair", [1, 0x80801], true), ("socketpair", [1, 2], false), ("mmap", [0, 0, 7], false),
            ("mmap", [0, 0, 5], true), ("mmap", [0, 0, 3], true), ("mprotect", [0, 0, 5], false),
            ("mprotect", [0, 0, 3], true), ("openat", [0, 0, 0], true), ("openat", [0, 0, 0x200], false),
            ("seccomp", [1, 0], true), ("seccomp", [1, 8], false), ("seccomp", [1, 9], false),
            ("openat", [0, 0, 0x241], true), ("openat", [0, 0, 0x202], true), ("openat", [0, 0, 0x203], false),
        ] as [(String, [UInt64], Bool)])
    func `Arguments decide where a call has good uses`(name: String, arguments: [UInt64], passes: Bool) {
        let fence = CallFence(
            deniesWriteExecute: true, keepsLengths: true, ownPid: UInt32(Self.own), hostPid: UInt32(Self.host))
        for machine in [Machine.x86, .arm] {
            let program = SeccompProgram.make(machine, fence)
            let result = answer(program, machine.architecture, number(name, machine), arguments)
            #expect(result == (passes ? CallAnswer.pass : CallAnswer.notPermitted), "\(machine)")
        }
    }

    @Test func `Files in memory and times of descriptors are for programs`() {
        let programs = SeccompProgram.make(.x86, CallFence(grants: GW_GRANT_SUBPROCESS))
        let none = SeccompProgram.make(.x86, CallFence())
        let (times, memory) = (number("utimensat", .x86), number("memfd_create", .x86))
        let architecture = Machine.x86.architecture
        #expect(answer(programs, architecture, times, [3, 0]) == CallAnswer.pass)
        #expect(answer(programs, architecture, times, [3, 0x1000]) == CallAnswer.notPermitted)
        #expect(answer(programs, architecture, times, [3, 0x1_0000_0000]) == CallAnswer.notPermitted)
        #expect(answer(programs, architecture, memory) == CallAnswer.pass)
        #expect(answer(none, architecture, memory) == CallAnswer.noSuchCall)
    }

    @Test func `Programs signal each other, and not the host`() {
        let fence = CallFence(grants: GW_GRANT_SUBPROCESS, ownPid: UInt32(Self.own), hostPid: UInt32(Self.host))
        let program = SeccompProgram.make(.x86, fence)
        for (name, target, passes) in [
            ("kill", 200, true), ("kill", UInt64(UInt32(bitPattern: -200)), true), ("kill", Self.host, false),
            ("kill", UInt64(UInt32(bitPattern: -100)), false), ("kill", 0xFFFF_FFFF, false), ("tgkill", 200, true),
            ("tgkill", Self.host, false), ("pidfd_open", 200, true), ("pidfd_open", Self.host, false),
        ] as [(String, UInt64, Bool)] {
            let result = answer(program, Machine.x86.architecture, number(name, .x86), [target, 9])
            #expect((result == CallAnswer.pass) == passes, "\(name) \(target)")
        }
    }

    @Test func `Programs make no children of the host, and signal by descriptor where that leads nowhere else`() {
        var fence = CallFence(grants: GW_GRANT_SUBPROCESS)
        let (clone, signal) = (number("clone", .x86), number("pidfd_send_signal", .x86))
        let architecture = Machine.x86.architecture
        for (flags, passes) in [(0x11, true), (0x4111, true), (0x8011, false)] as [(UInt64, Bool)] {
            let result = answer(SeccompProgram.make(.x86, fence), architecture, clone, [flags])
            #expect((result == CallAnswer.pass) == passes, "\(flags)")
        }
        #expect(answer(SeccompProgram.make(.x86, fence), architecture, signal) == CallAnswer.notPermitted)
        fence.keepsSignals = true
        #expect(answer(SeccompProgram.make(.x86, fence), architecture, signal) == CallAnswer.pass)
    }

    @Test func `A sandbox that learns lets everything be heard and nothing be refused`() {
        let program = SeccompProgram.make(.x86, CallFence(learns: true, refusal: CallAnswer.askHost))
        let architecture = Machine.x86.architecture
        for name in ["openat", "open", "unlink", "execve", "fork", "socket", "connect", "ptrace", "chmod"] {
            #expect(answer(program, architecture, number(name, .x86)) == CallAnswer.askHost, "\(name)")
        }
        #expect(answer(program, architecture, number("seccomp", .x86), [1, 8]) == CallAnswer.askHost)
        for name in ["fchmod", "utimensat", "memfd_create", "inotify_init1"] {
            #expect(answer(program, architecture, number(name, .x86)) == CallAnswer.askHost, "\(name)")
        }
        let refused: [(String, [UInt64])] = [
            ("mmap", [0, 4096, 6]), ("mprotect", [0, 4096, 5]), ("socketpair", [1, 2]), ("fcntl", [3, 1031]),
            ("setpriority", [0, 0, 0xFFFF_FFFB]), ("ioctl", [3, 0x5412]), ("prlimit64", [0, 10, 1]),
        ]
        for (name, arguments) in refused {
            #expect(answer(program, architecture, number(name, .x86), arguments) == CallAnswer.askHost, "\(name)")
        }
        for name in ["read", "mmap", "prctl", "kill", "fcntl", "ioctl", "mprotect", "setrlimit"] {
            #expect(answer(program, architecture, number(name, .x86)) == CallAnswer.pass, "\(name)")
        }
        #expect(answer(program, architecture, number("clone", .x86), [0x0001_0F00]) == CallAnswer.pass)
        #expect(answer(program, architecture, number("clone", .x86), [0x11]) == CallAnswer.askHost)
    }

    // MARK: Parts

    private var table: [gw_call] {
        sequence(state: 0) { (index: inout Int) in
            defer { index += 1 }
            return gw_call_at(index)?.pointee
        }.map(\.self)
    }

    private func number(_ name: String, _ machine: Machine) -> UInt32 {
        guard let call = table.first(where: { String(cString: $0.name) == name }) else { return .max }
        return machine.number(of: call) ?? .max
    }

    /// Runs the program like the kernel does. The tests fail on an instruction it does not know.
    private func answer(
        _ program: [guest_instruction], _ architecture: UInt32, _ number: UInt32, _ arguments: [UInt64] = []
    ) -> UInt32 {
        var words = [number, architecture, 0, 0]
        for index in 0..<6 {
            let argument = index < arguments.count ? arguments[index] : 0
            words += [UInt32(truncatingIfNeeded: argument), UInt32(argument >> 32)]
        }
        var value: UInt32 = 0
        var place = 0
        while place < program.count {
            let step = program[place]
            place += 1
            switch step.code {
            case 0x20: value = words[Int(step.k) / 4]
            case 0x05: place += Int(step.k)
            case 0x15: place += Int(value == step.k ? step.if_true : step.if_false)
            case 0x35: place += Int(value >= step.k ? step.if_true : step.if_false)
            case 0x45: place += Int(value & step.k != 0 ? step.if_true : step.if_false)
            case 0x06: return step.k
            default: return 0
            }
        }
        return 0
    }
}
