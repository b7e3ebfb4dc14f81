import Glibc

/// Processor time of the programs that a process has started, in nanoseconds; exact to a tick of the kernel's, 10 ms.
enum ProgramTime {
    private static let tick = 1_000_000_000 / Int64(max(1, sysconf(Int32(_SC_CLK_TCK))))

    /// Of those that it has waited for, those that run, and what they have started in turn.
    static func used(below process: Int32) -> Int64 {
        var used = ticks(of: process, in: 13...14)
        var programs = ProcessFacts.children(of: process)
        while let program = programs.popLast() {
            used += ticks(of: program, in: 11...14)
            programs += ProcessFacts.children(of: program)
        }
        return used * tick
    }

    /// Fields of proc(5)'s `stat` behind the name: 11 and 12 are the process's own time, 13 and 14 that of children it has
    /// waited for.
    private static func ticks(of process: Int32, in fields: ClosedRange<Int>) -> Int64 {
        let all = ProcessFacts.stat(of: process)
        guard all.count > fields.upperBound else { return 0 }
        return all[fields].reduce(0) { $0 + (Int64(String(decoding: $1, as: UTF8.self)) ?? 0) }
    }
}
