import CGuestWire
import CGuestWire.Shims

/// The filter every system call of the guest, and of the programs it starts, goes through. Instructions are those of
/// classic BPF (linux/bpf_common.h); the kernel gives them `struct seccomp_data`.
struct SeccompProgram {
    /// What becomes of a call.
    enum Answer {
        static let allow: UInt32 = 0x7FFF_0000
        static let kill: UInt32 = 0x8000_0000
        static let notPermitted = refuse(1)
        static let noSuchCall = refuse(38)
        static let accessDenied = refuse(13)

        private static func refuse(_ code: UInt32) -> UInt32 { 0x0005_0000 | code }
    }

    private enum Code {
        static let load: UInt16 = 0x20
        static let jumpIfEqual: UInt16 = 0x15
        static let jumpIfAtLeast: UInt16 = 0x35
        static let jumpIfAnyBit: UInt16 = 0x45
        static let answer: UInt16 = 0x06
    }

    private enum Offset {
        static let number: UInt32 = 0
        static let architecture: UInt32 = 4
        static func low(_ argument: UInt32) -> UInt32 { 16 + 8 * argument }
        static func high(_ argument: UInt32) -> UInt32 { 20 + 8 * argument }
    }

    private static let unixSockets: UInt32 = 1
    private static let newNamespaces: UInt32 = 0x7E02_0000
    /// Call numbers of the x32 ABI, which no table here speaks of.
    private static let foreignNumbers: UInt32 = 0x4000_0000

    private var code: [guest_instruction] = []

    /// `host` is the pid at which no signal may be aimed, 0 when the guest cannot see it.
    static func make(_ table: SyscallTable, grants: UInt32, host: UInt32) -> [guest_instruction] {
        var program = SeccompProgram()
        program.checkArchitecture(table)
        program.append(Code.load, Offset.number)
        program.append(Code.jumpIfAtLeast, foreignNumbers, ifFalse: 1)
        program.answer(Answer.notPermitted)
        program.limitTerminals(table)
        for number in table.denied {
            program.refuse(number, Answer.notPermitted)
        }
        if grants & GW_GRANT_SUBPROCESS == 0 {
            for number in table.execute {
                program.refuse(number, Answer.notPermitted)
            }
        }
        program.refuse(table.clone3, Answer.noSuchCall)
        program.limitSockets(table, mayNetwork: grants & GW_GRANT_NETWORK != 0)
        program.limitArguments(table, host: host)
        program.answer(Answer.allow)
        return program.code
    }

    // MARK: Parts

    private mutating func checkArchitecture(_ table: SyscallTable) {
        append(Code.load, Offset.architecture)
        append(Code.jumpIfEqual, table.architecture, ifTrue: 1)
        answer(Answer.kill)
    }

    /// Sockets of the Unix kind reach other programs of this machine by path, which Landlock does not stop.
    private mutating func limitSockets(_ table: SyscallTable, mayNetwork: Bool) {
        guard mayNetwork else { return refuse(table.socket, Answer.accessDenied) }
        when(table.socket) { rule in
            rule.append(Code.load, Offset.low(0))
            rule.append(Code.jumpIfEqual, Self.unixSockets, ifFalse: 1)
            rule.answer(Answer.accessDenied)
        }
    }

    private mutating func limitArguments(_ table: SyscallTable, host: UInt32) {
        refuse(table.clone, anyBitOf: Self.newNamespaces, in: 0)
        // Below zero: more than the ordinary share of the processor.
        refuse(table.setPriority, anyBitOf: 0x8000_0000, in: 2)
        // FIFO, round robin, deadline.
        for policy: UInt32 in [1, 2, 6] {
            refuse(table.setScheduler, equal: policy, in: 1)
        }
        keepParentDeathSignal(table.process)
        refusePaths(table.setTimes)
        // Everybody.
        refuse(table.kill, equal: UInt32.max, in: 0)
        if host > 1 {
            for number in table.aimed {
                refuse(number, equal: host, in: 0)
            }
            refuse(table.kill, equal: 0 &- host, in: 0)
        }
    }

    /// TIOCSTI and TIOCLINUX would type into the operator's terminal. First and with an answer of its own, because the
    /// guest makes other calls of this number after every attempt.
    private mutating func limitTerminals(_ table: SyscallTable) {
        when(table.control) { rule in
            rule.append(Code.load, Offset.low(1))
            for command: UInt32 in [0x5412, 0x541C] {
                rule.refuse(command, Answer.notPermitted)
            }
            rule.answer(Answer.allow)
        }
    }

    /// PR_SET_PDEATHSIG may only ask for SIGKILL: nobody outlives the host.
    private mutating func keepParentDeathSignal(_ number: UInt32) {
        when(number) { rule in
            rule.append(Code.load, Offset.low(0))
            rule.append(Code.jumpIfEqual, 1, ifFalse: 3)
            rule.append(Code.load, Offset.low(1))
            rule.append(Code.jumpIfEqual, 9, ifTrue: 1)
            rule.answer(Answer.notPermitted)
        }
    }

    /// Refuses `number` when its second argument is not null.
    private mutating func refusePaths(_ number: UInt32) {
        when(number) { rule in
            rule.append(Code.load, Offset.low(1))
            rule.append(Code.jumpIfEqual, 0, ifTrue: 1)
            rule.answer(Answer.notPermitted)
            rule.append(Code.load, Offset.high(1))
            rule.append(Code.jumpIfEqual, 0, ifTrue: 1)
            rule.answer(Answer.notPermitted)
        }
    }

    private mutating func refuse(_ number: UInt32, equal value: UInt32, in argument: UInt32) {
        when(number) { rule in
            rule.append(Code.load, Offset.low(argument))
            rule.append(Code.jumpIfEqual, value, ifFalse: 1)
            rule.answer(Answer.notPermitted)
        }
    }

    private mutating func refuse(_ number: UInt32, anyBitOf bits: UInt32, in argument: UInt32) {
        when(number) { rule in
            rule.append(Code.load, Offset.low(argument))
            rule.append(Code.jumpIfAnyBit, bits, ifFalse: 1)
            rule.answer(Answer.notPermitted)
        }
    }

    private mutating func refuse(_ number: UInt32, _ result: UInt32) {
        append(Code.jumpIfEqual, number, ifFalse: 1)
        answer(result)
    }

    /// A rule about one call; after it the call's number is loaded again.
    private mutating func when(_ number: UInt32, _ build: (inout SeccompProgram) -> Void) {
        var rule = SeccompProgram()
        build(&rule)
        rule.append(Code.load, Offset.number)
        append(Code.jumpIfEqual, number, ifFalse: UInt8(rule.code.count))
        code.append(contentsOf: rule.code)
    }

    private mutating func answer(_ result: UInt32) {
        append(Code.answer, result)
    }

    private mutating func append(_ code: UInt16, _ k: UInt32, ifTrue: UInt8 = 0, ifFalse: UInt8 = 0) {
        self.code.append(guest_instruction(code: code, if_true: ifTrue, if_false: ifFalse, k: k))
    }
}
