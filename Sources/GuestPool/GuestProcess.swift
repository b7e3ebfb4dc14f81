import CLinux
import Glibc

/// The kernel's side of one guest: process, descriptors, page and scratch folder. Released by `close`.
final class GuestProcess {
    let pid: Int32
    let pidfd: Int32
    let socket: Int32
    let page: ControlPage
    let scratch: ScratchFolder
    let nonce: String
    let stdout: Int32
    let stderr: Int32
    let namespaces: Namespaces
    let group: ControlGroup?
    /// Where the host hears of calls that the guest's filter refuses; -1 when it does not.
    private(set) var listener: Int32 = -1
    /// It ended of a signal that it, or a program of its, has sent. False where that cannot be told.
    private(set) var hasSignalledItself = false
    private let mark: HomeMark
    /// What programs of this guest have in their environment, unless they remove it; nil when none can outlive it.
    private let entries: [String]?
    private let refusesDescriptors: Bool

    init(_ spec: GuestSpec, number: UInt64, program: GuestProgram) throws(GuestPoolError) {
        mark = program.mark
        page = try ControlPage()
        scratch = try ScratchFolder(below: program.configuration.scratch, number: number)
        nonce = Self.freshNonce()
        refusesDescriptors = !program.configuration.lacks.refusedDescriptors
        var ends = DescriptorEnds()
        defer { ends.closeTheirs() }
        do throws(GuestPoolError) {
            try ends.open()
            let environment = program.environment(scratch: scratch.path, nonce: nonce)
            (pid, pidfd, namespaces) = try program.spawn(
                [program.null, ends.stdout.theirs, ends.stderr.theirs, ends.socket.theirs, page.descriptor],
                folder: scratch.descriptor, environment: environment,
                wanted: program.configuration.lacks.namespaces(of: spec))
            let outlive = spec.grants.contains(.subprocess) && !namespaces.contains(.processes)
            entries = outlive ? ["BERTH_GUEST=\(program.configuration.marker)", "HOME=\(scratch.path)"] : nil
        } catch {
            ends.closeOurs()
            scratch.remove()
            throw error
        }
        // It waits for its orders and runs nothing foreign yet.
        group = program.groups?.group(of: pid, number: number, spec.limits)
        (socket, stdout, stderr) = (ends.socket.ours, ends.stdout.ours, ends.stderr.ours)
        if entries != nil { Adoption.begin() }
    }

    /// The kernel is taking it down, for whatever reason: PF_EXITING among the flags in proc(5)'s `stat`.
    var isExiting: Bool {
        let fields = ProcessFacts.stat(of: pid)
        guard fields.count > 6, let flags = UInt32(String(decoding: fields[6], as: UTF8.self)) else { return true }
        return flags & 0x4 != 0
    }

    func signal(_ number: Int32) {
        // The group first: its number belongs to this guest until the process is reaped.
        kill(-pid, number)
        _ = berth_pidfd_signal(pidfd, number)
    }

    /// How the process ended, once it has. What is left of its group is killed.
    func reap() -> berth_exit? {
        kill(-pid, SIGKILL)
        var end = berth_exit()
        let result = berth_reap(pidfd, &end)
        guard result != 0 else { return nil }
        let said = page.ending
        if namespaces.contains(.processes), said.signal != 0, end.signal == 0, end.status == 128 + said.signal {
            (end.signal, end.status) = (said.signal, 0)
            hasSignalledItself = said.isFromWithin
        }
        return end
    }

    /// Takes a descriptor over as the listener; there is none yet.
    func listen(on descriptor: Int32) {
        listener = descriptor
    }

    /// What is refused from then on is refused unheard.
    func stopListening() {
        guard listener >= 0 else { return }
        LastClose.begin([listener])
        listener = -1
    }

    /// Nothing more can be sent to the host but bytes, where the kernel knows how.
    func refuseDescriptors() {
        if refusesDescriptors { _ = berth_refuse_descriptors(socket) }
    }

    /// Its process has ended, and nobody waits for its descriptors. Programs that it left are killed meanwhile, and then
    /// its folder is removed.
    func close() {
        LastClose.begin([listener, socket])
        listener = -1
        for descriptor in [pidfd, stdout, stderr] { _ = Glibc.close(descriptor) }
        group?.remove()
        guard let entries else { return scratch.remove() }
        ProcessSweep.hunt(mark, environmentHas: entries) { [path = scratch.path] in
            Adoption.end()
            ScratchFolder.remove(path)
        }
    }

    private static func freshNonce() -> String {
        let (high, low) = (UInt64.random(in: .min ... .max), UInt64.random(in: .min ... .max))
        return [high, low].map { word in
            let digits = String(word, radix: 16)
            return String(repeating: "0", count: 16 - digits.count) + digits
        }.joined()
    }
}

/// Both ends of what connects host and guest, while a guest is being made.
private struct DescriptorEnds {
    var socket = Pair()
    var stdout = Pair()
    var stderr = Pair()

    struct Pair {
        var ours: Int32 = -1
        var theirs: Int32 = -1
    }

    mutating func open() throws(GuestPoolError) {
        try Self.check(berth_socket_pair(&socket.ours, &socket.theirs, 1 << 20), "socketpair")
        try Self.check(berth_pipe(&stdout.ours, &stdout.theirs), "pipe")
        try Self.check(berth_pipe(&stderr.ours, &stderr.theirs), "pipe")
    }

    func closeTheirs() {
        for end in [socket.theirs, stdout.theirs, stderr.theirs] where end >= 0 { close(end) }
    }

    /// Nothing foreign has run.
    func closeOurs() {
        for end in [socket.ours, stdout.ours, stderr.ours] where end >= 0 { close(end) }
    }

    private static func check(_ result: Int32, _ call: String) throws(GuestPoolError) {
        guard result >= 0 else { throw .system(call: call, code: -result) }
    }
}
