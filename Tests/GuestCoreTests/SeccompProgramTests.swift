import CGuestWire
import CGuestWire.Shims
import Testing

struct SeccompProgramTests {
    private static let allow: UInt32 = 0x7FFF_0000

    private static func refused(_ code: UInt32) -> UInt32 { 0x0005_0000 | code }

    @Test(arguments: [(UInt32(0xC000_003E), SyscallTable.x86), (0xC000_00B7, .arm)])
    func `Only the one architecture passes`(architecture: UInt32, table: SyscallTable) {
        let program = SeccompProgram.make(table, grants: 0, host: 100)
        #expect(program.count < 4096)
        #expect(answer(program, architecture, 0) == Self.allow)
        #expect(answer(program, 0x4000_0003, 0) == 0x8000_0000)
    }

    @Test func `Every denied call is refused and ordinary ones pass`() {
        let table = SyscallTable.x86
        let program = SeccompProgram.make(table, grants: 0, host: 100)
        for number in table.denied + table.execute {
            #expect(answer(program, table.architecture, number) == Self.refused(1))
        }
        // read, write, mmap, ioctl, futex, exit_group, openat, fchmod, fchown, ftruncate
        for number: UInt32 in [0, 1, 9, 16, 202, 231, 257, 91, 93, 77] {
            #expect(answer(program, table.architecture, number) == Self.allow)
        }
        #expect(answer(program, table.architecture, table.clone3) == Self.refused(38))
        #expect(answer(program, table.architecture, 0x4000_0001) == Self.refused(1))
    }

    @Test func `Programs and sockets come with their grants, Unix sockets never`() {
        let table = SyscallTable.x86
        let none = SeccompProgram.make(table, grants: 0, host: 0)
        let both = SeccompProgram.make(table, grants: GW_GRANT_NETWORK | GW_GRANT_SUBPROCESS, host: 0)
        #expect(answer(none, table.architecture, 59) == Self.refused(1))
        #expect(answer(both, table.architecture, 59) == Self.allow)
        #expect(answer(none, table.architecture, table.socket, [2]) == Self.refused(13))
        #expect(answer(both, table.architecture, table.socket, [2]) == Self.allow)
        #expect(answer(both, table.architecture, table.socket, [1]) == Self.refused(13))
    }

    @Test func `Arguments decide where a call has good uses`() {
        let table = SyscallTable.x86
        let program = SeccompProgram.make(table, grants: 0, host: 100)
        let cases: [(number: UInt32, arguments: [UInt64], isAllowed: Bool)] = [
            (table.clone, [0x1234_0011 & 0x0100_0011], true), (table.clone, [0x1000_0011], false),
            (table.setPriority, [0, 0, 5], true), (table.setPriority, [0, 0, 0xFFFF_FFFB], false),
            (table.setScheduler, [0, 3], true), (table.setScheduler, [0, 1], false),
            (table.control, [1, 0x541B], true), (table.control, [0, 0x5412], false),
            (table.process, [1, 9], true), (table.process, [1, 0], false), (table.process, [38, 1], true),
            (table.setTimes, [3, 0], true), (table.setTimes, [3, 0x1000], false),
            (table.setTimes, [3, 0x1_0000_0000], false),
            (table.kill, [200, 15], true), (table.kill, [0xFFFF_FF00, 15], true), (table.kill, [100, 9], false),
            (table.kill, [0xFFFF_FFFF, 9], false), (table.kill, [UInt64(UInt32(bitPattern: -100)), 9], false),
        ]
        for (number, arguments, isAllowed) in cases {
            let expected = isAllowed ? Self.allow : Self.refused(1)
            #expect(answer(program, table.architecture, number, arguments) == expected, "\(number) \(arguments)")
        }
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
