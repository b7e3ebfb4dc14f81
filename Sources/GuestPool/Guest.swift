import CGuestWire
import Glibc
import JobModel
import Logging

/// One guest: the conversation with its process and the attempts it was given. Belongs to the pool's thread.
final class Guest {
    enum Phase: Equatable {
        /// HELLO is awaited.
        case starting
        /// LOADED is awaited.
        case loading
        case ready
        /// Was told to end, or said that it failed.
        case leaving
        /// SIGKILL was sent.
        case doomed(Doom)
    }

    enum Doom: Equatable {
        case ladder
        case violation(ProtocolViolation)
        /// The socket closed and the process lived on.
        case lost
        /// It was ending by itself already, which takes its time: the kernel's word on it counts.
        case ending
        case loadTime(Duration)
        case stopped
        /// Its sandbox ends it for a call it refuses.
        case refused(RefusedCall)
        /// It did not end in time after it was told to.
        case late
        /// It took more than it may.
        case limit(LimitHit, CrashClass)
    }

    let number: UInt64
    let spec: GuestSpecID
    let settings: GuestSpec
    let learner: Learner?
    private let requiresSandbox: Bool
    let keeping: GuestKeeping
    let process: GuestProcess
    var watch: ResourceWatch
    var scratchWatch: ScratchWatch
    let logger: Logger
    private let epoll: Epoll

    var phase = Phase.starting
    /// When the present phase has taken too long.
    var phaseDeadline: Int64
    let loadTime: Duration
    private let patience: Int64
    var reader = FrameReader()
    var writer = FrameWriter()
    var pipes: [GuestOutput]
    var seats = [Seat(0)]
    var lastCall: UInt64 = 0
    var socketClosedAt: Int64?
    /// SIGTERM was sent to end an attempt.
    var wasTerminated = false
    var use = GuestUse()
    /// Something was printed that has not been read.
    var outputWaits = false
    /// The system will tell when something is printed.
    var hearsOutput = true
    /// When what is printed is to be looked at next.
    var outputLook: Int64 = 0
    var refusals = Refusals()
    /// Names of the host's home, into which no plugin is let.
    private(set) var homes: [String] = []
    var strayLines = StrayLines()
    /// Of the processes that the kernel ended in its group, those that were told to an attempt.
    var killsTold: UInt64 = 0
    private var waitsForRoom = false

    var hello: GuestFrame.Hello?
    var descriptorBytes: [UInt8] = []
    var descriptor: PluginDescriptor?
    /// Why it never became ready.
    var failure: ProbeFailure?
    /// Ends as soon as it has nothing to do.
    var isRetiring = false
    /// Another version is used instead of its own.
    var isReplaced = false
    /// When what still runs is told to end, because its version was replaced.
    var drainEnd = Int64.max
    /// They were told.
    var drainIsOver = false
    var idleSince: Int64
    /// What its process had used of the processor when it became idle or was last looked at, in nanoseconds.
    var idleUse: Int64 = 0
    /// When its memory is to be looked at next.
    var memoryCheck: Int64

    init(
        number: UInt64, id: GuestSpecID, spec: GuestSpec, program: GuestProgram, epoll: Epoll, loadTime: Duration,
        logger: Logger, now: Moment
    ) throws(ProbeFailure) {
        self.number = number
        self.spec = id
        settings = spec
        learner = program.configuration.learner
        requiresSandbox = program.configuration.requiresSandbox
        keeping = spec.keeping
        self.epoll = epoll
        self.logger = logger
        self.loadTime = loadTime
        patience = program.configuration.patience.nanoseconds
        do throws(GuestPoolError) {
            process = try GuestProcess(spec, number: number, program: program)
        } catch {
            throw ProbeFailure(stage: .process, message: error.words)
        }
        let startsPrograms = spec.grants.contains(.subprocess)
        watch = ResourceWatch(
            spec.limits, of: process.pid, startsPrograms: startsPrograms, now: now.monotonic)
        scratchWatch = ScratchWatch(
            spec.limits.scratchBytes, of: process.scratch, process: process.pid, now: now.monotonic)
        phaseDeadline = now.monotonic + loadTime.nanoseconds
        idleSince = now.monotonic
        memoryCheck = now.monotonic
        pipes = [
            GuestOutput(.stdout, LinePipe(descriptor: process.stdout, nonce: process.nonce)),
            GuestOutput(.stderr, LinePipe(descriptor: process.stderr, nonce: process.nonce)),
        ]
        epoll.add(process.socket, .socket, of: number)
        epoll.add(process.stdout, .stdout, of: number)
        epoll.add(process.stderr, .stderr, of: number)
        epoll.add(process.pidfd, .process, of: number)
    }

    var digest: String { settings.digest }
    var limits: GuestLimits { settings.limits }
    var isReady: Bool { phase == .ready }
    var isIdle: Bool { phase == .ready && isEmpty }
    var isDoomed: Bool { if case .doomed = phase { true } else { false } }
    /// Can be given attempts, now or when it is loaded.
    var isUsable: Bool { !isRetiring && (phase == .ready || phase == .starting || phase == .loading) }

    func greet(isProbe: Bool, lacks: KernelLacks, fence: AccessFence) throws(ProbeFailure) {
        homes = fence.homes
        for path in settings.access.read + settings.access.write {
            if let objection = fence.objection(to: path) { throw ProbeFailure(stage: .spawn, message: objection) }
        }
        let paths = AccessPath.all(of: settings, scratch: process.scratch.path)
        try writer.setup(settings, paths: paths, in: process.namespaces, lacks: lacks)
        try writer.load(settings, isProbe: isProbe)
    }

    /// Sends what waits to be sent.
    func flush() {
        guard writer.waiting > 0, !isDoomed, socketClosedAt == nil else { return }
        // A guest that is gone shows by its process descriptor, which also says why.
        let isWaiting = writer.send(to: process.socket) && writer.waiting > 0
        guard isWaiting != waitsForRoom else { return }
        waitsForRoom = isWaiting
        epoll.watchForRoom(process.socket, isWaiting, of: number)
    }

    /// All but the end of its process.
    func stopWatchingTalk() {
        for descriptor in [process.socket, process.stdout, process.stderr, process.listener] where descriptor >= 0 {
            stopWatching(descriptor)
        }
    }

    func hearOutput() {
        hearsOutput = true
        for output in pipes where !output.isClosed {
            epoll.watchAgain(output.pipe.descriptor, output.stream == .stdout ? .stdout : .stderr, of: number)
        }
    }

    func watchRefusals() {
        if process.listener >= 0 { epoll.add(process.listener, .refusal, of: number) }
    }

    /// Why this sandbox will not do; nil when it will.
    func objection(to report: SandboxReport) -> String? {
        if learner != nil, !report.inForce.contains(.namedRefusals) {
            return "this kernel does not tell of refused calls, so that nothing can be learned"
        }
        guard requiresSandbox, let gap = report.gaps.first else { return nil }
        return "its sandbox has a gap, and the host requires all of it: \(gap)"
    }

    func stopWatching(_ descriptor: Int32) {
        epoll.remove(descriptor)
    }

    /// Asks the guest to end in good order.
    func leave(at now: Moment) {
        guard phase == .ready else { return }
        phase = .leaving
        phaseDeadline = now.monotonic + 5_000_000_000
        writer.bye()
        flush()
    }

    func doom(_ why: Doom, at now: Moment) {
        guard !isDoomed else { return }
        phase = .doomed(why)
        phaseDeadline = now.monotonic + patience
        process.signal(SIGKILL)
    }
}

extension GuestPoolError {
    var words: String {
        switch self {
        case .programMissing(let path, let reason): "guest program \(path): \(reason)"
        case .system(let call, let code): "\(call): \(String(cString: strerror(code)))"
        }
    }
}
