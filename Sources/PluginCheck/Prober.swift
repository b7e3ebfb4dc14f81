import CLinux
import Foundation
import Glibc
import GuestPool

/// Starts berth-check for one check, holds it to a deadline, reaps it, and says what it found.
struct Prober: Sendable {
    enum End: Sendable, Hashable {
        case passed(String)
        case failed(String)
        case skipped(String)
        case value(UInt64)
        case broken(String)
        /// The process ended by itself; how, and what it was doing.
        case died(String, doing: String)
        case tookTooLong(doing: String)
    }

    /// Absolute path of berth-check.
    let program: String
    /// A folder of this exam's own; each process gets one below it.
    let folder: String

    /// `order` without its scratch folder. Waits on a thread of its own.
    func run(_ order: ProbeOrder, deadline: Duration) async -> End {
        await withCheckedContinuation { answer in
            Thread.detachNewThread { answer.resume(returning: start(order, deadline)) }
        }
    }

    private func start(_ order: ProbeOrder, _ deadline: Duration) -> End {
        do throws(NeverRan) {
            let desk = try Desk(below: folder, order)
            defer { desk.clear() }
            return try ProbeProcess(program, desk, order).end(deadline)
        } catch {
            return .broken(error.why)
        }
    }
}

/// The files of one process: its order, what it prints, the page that says what it does, and its scratch folder.
private struct Desk {
    let path: String
    let order: Int32
    let printed: Int32
    let page: Int32
    let scratch: Int32

    init(below folder: String, _ order: ProbeOrder) throws(NeverRan) {
        var template = Array("\(folder)/check-XXXXXX".utf8CString)
        guard mkdtemp(&template) != nil else { throw NeverRan(why: "no folder can be made in \(folder)") }
        path = String(decoding: template.dropLast().map(UInt8.init(bitPattern:)), as: UTF8.self)
        let place = order.scratch ?? "\(path)/scratch"
        mkdir(place, 0o700)
        scratch = open(place, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        self.order = Self.file("\(path)/order", order.bytes(scratch: place))
        printed = Self.file("\(path)/printed", [])
        page = Self.file("\(path)/page", [UInt8](repeating: 0, count: 4096))
        guard ![scratch, self.order, printed, page].contains(where: { $0 < 0 }) else {
            clear()
            throw NeverRan(
                why: "what it needs cannot be written below \(folder): set TMPDIR to a folder with more room")
        }
    }

    func clear() {
        for descriptor in [order, printed, page, scratch] { close(descriptor) }
        try? FileManager.default.removeItem(atPath: path)
    }

    /// What the process was doing when it last said so.
    var doing: String {
        var bytes = [UInt8](repeating: 0, count: 1024)
        let count = pread(page, &bytes, bytes.count, 0)
        return String(decoding: bytes.prefix(max(0, count)).prefix { $0 != 0 }, as: UTF8.self)
    }

    /// What a sanitizer printed in one line, if one did.
    var summary: String? {
        let text = FileManager.default.contents(atPath: "\(path)/printed").map { String(decoding: $0, as: UTF8.self) }
        return text?.split(separator: "\n").first { $0.hasPrefix("SUMMARY: ") }.map { String($0.dropFirst(9)) }
    }

    /// -1: it cannot be written.
    private static func file(_ path: String, _ bytes: [UInt8]) -> Int32 {
        let descriptor = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { write(descriptor, $0.baseAddress, $0.count) }
            guard count > 0 else {
                close(descriptor)
                return -1
            }
            rest = rest.dropFirst(count)
        }
        lseek(descriptor, 0, SEEK_SET)
        return descriptor
    }
}

private struct ProbeProcess {
    private let pid: Int32
    private let pidfd: Int32
    private let results: Int32
    private let desk: Desk

    init(_ program: String, _ desk: Desk, _ order: ProbeOrder) throws(NeverRan) {
        self.desk = desk
        let file = berth_program_open(program)
        guard file >= 0 else { throw NeverRan(why: "\(program) cannot be opened") }
        defer { close(file) }
        var (reading, writing): (Int32, Int32) = (-1, -1)
        guard berth_pipe(&reading, &writing) >= 0 else { throw NeverRan(why: "no pipe can be made") }
        defer { close(writing) }
        results = reading
        let descriptors = [desk.order, desk.printed, desk.printed, writing, desk.page]
        let spawn = Spawn(
            program: file, name: "berth-check", descriptors: descriptors, folder: desk.scratch,
            environment: Self.environment(preload: order.sanitizer))
        var started = spawn.start(in: order.grants & 2 != 0 ? .processes : [])
        if started.pid <= 0 { started = spawn.start(in: []) }
        guard started.pid > 0 else {
            close(reading)
            throw NeverRan(why: "\(program) cannot be started: \(String(cString: strerror(-started.pid)))")
        }
        (pid, pidfd) = started
    }

    private static func environment(preload: String?) -> [String] {
        let always = ["PATH=/usr/local/bin:/usr/bin:/bin", "LANG=C.UTF-8", "LC_ALL=C.UTF-8", "HOME=.", "TMPDIR=."]
        return always + (preload.map { ["LD_PRELOAD=\($0)", "ASAN_OPTIONS=detect_leaks=0"] } ?? [])
    }

    /// Waits for the end, or makes it.
    func end(_ deadline: Duration) -> Prober.End {
        defer {
            close(pidfd)
            close(results)
        }
        var ended = pollfd(fd: pidfd, events: Int16(POLLIN), revents: 0)
        let milliseconds = Int32(clamping: deadline.components.seconds * 1000)
        let isInTime = poll(&ended, 1, milliseconds) > 0
        if !isInTime { kill(pid, SIGKILL) }
        kill(-pid, SIGKILL)
        var exit = berth_exit()
        while berth_reap(pidfd, &exit) == 0 { poll(&ended, 1, 1000) }
        let said = answer()
        if let said { return said }
        return isInTime ? .died(desk.summary ?? Self.words(exit), doing: desk.doing) : .tookTooLong(doing: desk.doing)
    }

    private func answer() -> Prober.End? {
        var bytes = [UInt8](repeating: 0, count: 65536)
        let count = berth_read(results, &bytes, bytes.count)
        guard count > 0 else { return nil }
        let text = String(decoding: bytes.prefix(count), as: UTF8.self)
        guard let line = text.split(separator: "\n").first else { return nil }
        let words = line.split(separator: " ", maxSplits: 1, omittingEmptySubsequences: false)
        let rest = words.count > 1 ? String(words[1]) : ""
        switch words[0] {
        case "pass": return .passed(rest)
        case "fail": return .failed(rest)
        case "skip": return .skipped(rest)
        case "value": return UInt64(rest).map(Prober.End.value) ?? .broken("berth-check said: \(rest)")
        default: return .broken(rest)
        }
    }

    /// The first process of a pid namespace ends with 128 and the signal's number instead of by the signal.
    private static func words(_ end: berth_exit) -> String {
        let signal = end.signal != 0 ? end.signal : (129...159).contains(end.status) ? end.status - 128 : 0
        guard signal != 0 else { return "called exit(\(end.status))" }
        let names = [
            SIGSEGV: "SIGSEGV", SIGBUS: "SIGBUS", SIGFPE: "SIGFPE", SIGILL: "SIGILL", SIGABRT: "SIGABRT",
            SIGSYS: "SIGSYS", SIGTRAP: "SIGTRAP", SIGKILL: "SIGKILL", SIGTERM: "SIGTERM",
        ]
        return "died of \(names[signal] ?? "signal \(signal)")"
    }
}
