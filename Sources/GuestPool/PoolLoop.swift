import CLinux
import Glibc
import JobModel
import Logging

/// What the pool's thread does: waits for guests, commands and deadlines, and tells the engine what came of it, once
/// per turn. Everything below it belongs to that one thread. It also spawns: the parent-death signal follows the
/// thread that did.
final class PoolLoop {
    let inbox: PoolInbox
    let program: GuestProgram
    let configuration: GuestPool.Configuration
    let logger: Logger
    let epoll: Epoll
    let turn = Turn()
    let fence: AccessFence
    var room: DiskRoom

    var guests: [UInt64: Guest] = [:]
    var slots: [Int32: Slot] = [:]
    var probes: [UInt64: ProbeAnswer] = [:]
    var warm = WarmSpecs()
    var guestCount: UInt64 = 0
    /// Processes that SIGKILL has not ended yet and that nobody waits for.
    var abandoned: [UInt64: GuestProcess] = [:]
    var preparations: [Preparation] = []
    /// Those who wait for the end; nil while the pool works.
    private var stopping: [CheckedContinuation<Void, Never>?]?
    private var ready: [UInt64: Readiness] = [:]

    private struct Readiness {
        var output = false
        var process = false
        var refusal = false
    }

    init(
        inbox: PoolInbox, configuration: GuestPool.Configuration, groups: ControlGroups?, logger: Logger
    ) throws(GuestPoolError) {
        self.inbox = inbox
        self.configuration = configuration
        fence = AccessFence(home: configuration.home)
        room = DiskRoom(configuration.scratch, floor: configuration.freeSpace)
        self.logger = logger
        program = try GuestProgram(configuration, groups: groups)
        epoll = try Epoll()
        epoll.add(inbox.event, .inbox, of: 0)
    }

    var isStopping: Bool { stopping != nil }

    /// Returns when the pool was stopped and no guest is left.
    func run() {
        while stopping == nil || !guests.isEmpty {
            let hasMail = wait()
            turn.now = .now()
            hearGuests()
            if hasMail { for message in inbox.take() { handle(message) } }
            keepDeadlines()
            fillSlots()
            keepWarm()
            trimIdle()
            settlePreparations()
            deliver()
        }
        close()
    }

    private func wait() -> Bool {
        var hasMail = false
        ready.removeAll(keepingCapacity: true)
        let preparations = preparations.reduce(Int64.max) { min($0, $1.end) }
        let deadline = guests.values.reduce(preparations) { min($0, $1.deadline) }
        let time = deadline == .max ? -1 : max(0, deadline - Moment.now().monotonic)
        epoll.wait(time) { source, guest in
            switch source {
            case .inbox: hasMail = true
            case .socket: ready[guest, default: Readiness()].output = ready[guest]?.output ?? false
            case .stdout, .stderr: ready[guest, default: Readiness()].output = true
            case .process: ready[guest, default: Readiness()].process = true
            case .refusal: ready[guest, default: Readiness()].refusal = true
            }
        }
        return hasMail
    }

    private func hearGuests() {
        for (number, readiness) in ready {
            guard let guest = guests[number] else {
                if readiness.process { buryAbandoned(number) }
                continue
            }
            guest.pump(turn, isDead: readiness.process, outputIsReady: readiness.output)
            if readiness.process {
                bury(guest)
            } else {
                if readiness.refusal { guest.hearRefusals(turn) }
                settle(guest)
                guest.flush()
            }
        }
    }

    private func handle(_ message: PoolMessage) {
        switch message {
        case .commands(let commands): for command in commands { handle(command) }
        case .probe(let spec, let deadline, let answer): probe(spec, deadline, answer)
        case .hurry(let run): for slot in slots.values { slot.guest?.hurry(run, at: turn.now) }
        case .prepare(let successions, let answer): prepare(successions, answer)
        case .progress(let answer): answer.resume(returning: progress())
        case .stop(let answer):
            stopping = (stopping ?? []) + [answer]
            stopAll()
        }
    }

    private func handle(_ command: GuestCommand) {
        switch command {
        case .run(let order) where isStopping: turn.events.append(.neverStarted(order.key))
        case .run(let order): slot(order.slot).waiting.append(order)
        case .end(let key, let reason): end(key, reason)
        case .answer(let key, let answer): self.answer(key, answer)
        case .warm(let specs): warm.replace(with: specs)
        case .retire(let digest): retire(digest)
        case .vacate(let slot): vacate(slot)
        }
    }

    private func keepDeadlines() {
        let now = turn.now.monotonic
        let due = guests.values.filter { $0.deadline <= now }
        for guest in due {
            if guest.looksAtOutput(at: turn.now) { guest.readOutput(turn, finished: 0) }
            if guest.isDoomed {
                if guest.phaseDeadline <= now { giveUp(guest) }
            } else if guest.isIdle, guest.idleEnd <= now {
                if isSpare(guest) { dismiss(guest) } else { guest.idleSince = now }
            } else {
                guest.tick(at: turn.now)
                settle(guest)
            }
        }
    }

    private func deliver() {
        let events = turn.takeEvents()
        if !events.isEmpty { inbox.sink?(events) }
    }

    private func close() {
        Self.refuse(inbox.close(), inbox.sink)
        settlePreparations()
        ScratchFolder.waitForRemovals()
        program.groups?.close()
        for answer in stopping ?? [] { answer?.resume() }
    }

    /// Answers messages that came too late.
    static func refuse(_ messages: [PoolMessage], _ sink: (@Sendable ([GuestEvent]) -> Void)?) {
        for message in messages {
            switch message {
            case .commands(let commands):
                let events = commands.compactMap { command -> GuestEvent? in
                    if case .run(let order) = command { .neverStarted(order.key) } else { nil }
                }
                if !events.isEmpty { sink?(events) }
            case .probe(_, _, let answer):
                answer.resume(returning: .failed(ProbeFailure(stage: .spawn, message: "the host shut down")))
            case .hurry: break
            case .prepare(_, let answer): answer.resume()
            case .progress(let answer): answer.resume(returning: [])
            case .stop(let answer): answer?.resume()
            }
        }
    }
}
