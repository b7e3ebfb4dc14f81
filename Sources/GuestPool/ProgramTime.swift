import Glibc

/// Processor time of the programs that a process has started, exact to a tick of the kernel's, 10 ms. What a program used
/// is its parent's to count once it was waited for; of one that nobody waits for, what was last seen of it counts.
struct ProgramTime {
    private static let tick = 1_000_000_000 / Int64(max(1, sysconf(Int32(_SC_CLK_TCK))))

    private var last: [Int32: Reading] = [:]
    private var ticks: Int64 = 0
    /// Of programs that were gone at the last look, and that nobody had counted by then: a look takes its time, and some
    /// end meanwhile.
    private var uncounted: Int64 = 0

    /// Of one process, in ticks.
    struct Reading: Equatable {
        /// When it began: numbers of processes are used again.
        var begun: Int64 = 0
        var own: Int64 = 0
        /// Of those that it has started and waited for, and of those that they have waited for.
        var waited: Int64 = 0
    }

    /// Nanoseconds so far.
    var used: Int64 { ticks * Self.tick }

    /// Looks at all programs below a process.
    mutating func look(below process: Int32) {
        var readings: [Int32: Reading] = [:]
        var processes = [process]
        while let next = processes.popLast() {
            guard readings[next] == nil, let reading = Reading(of: next) else { continue }
            readings[next] = reading
            processes += ProcessFacts.children(of: next)
        }
        // Those that were given another parent while this looked.
        for (process, before) in last where readings[process] == nil {
            if let reading = Reading(of: process), reading.begun == before.begun { readings[process] = reading }
        }
        readings[process]?.own = 0
        note(readings)
    }

    mutating func note(_ readings: [Int32: Reading]) {
        var (own, waited, gone): (Int64, Int64, Int64) = (0, 0, 0)
        for (process, reading) in readings {
            let before = last[process].flatMap { $0.begun == reading.begun ? $0 : nil } ?? Reading()
            own += reading.own - before.own
            waited += reading.waited - before.waited
        }
        for (process, before) in last where readings[process]?.begun != before.begun {
            gone += before.own + before.waited
        }
        ticks += own + max(0, waited - gone - uncounted)
        uncounted = max(0, gone - waited)
        last = readings
    }
}

extension ProgramTime.Reading {
    /// Nil: there is no such process any more.
    fileprivate init?(of process: Int32) {
        // From the eleventh behind the state on: its own time, that of those it waited for, each in two parts.
        let fields = ProcessFacts.stat(of: process)
        guard fields.count > 19 else { return nil }
        let numbers = [11, 12, 13, 14, 19].map { Int64(String(decoding: fields[$0], as: UTF8.self)) ?? 0 }
        self.init(begun: numbers[4], own: numbers[0] + numbers[1], waited: numbers[2] + numbers[3])
    }
}
