package import JobModel
package import Logging

/// Processes in which plugins live: spawns them, sends them attempts, holds them to their limits and says how each
/// attempt ended. One thread owns all of it; every method may be called from any thread.
package final class GuestPool: Sendable {
    package struct Configuration: Sendable {
        /// Absolute path of the guest program.
        package var program: String
        /// Folder that gets one scratch folder per guest. Belongs to one pool: what an earlier one left is removed.
        package var scratch: String
        /// The host's own folder, which no job can open to a plugin. Nil: there is none.
        package var home: String?
        /// Names this host in the environment of guests and their programs, so that a later host can find leftovers.
        package var marker: String
        /// Idle guests kept warm beyond those a slot holds.
        package var maximumIdle: Int
        /// For tests: what this kernel is to be taken not to have.
        package var lacks: KernelLacks
        /// Guests get control groups where this process was given a place for them, which may move this process: only for
        /// what serves, not for what asks a question beside it.
        package var makesGroups: Bool
        /// A guest whose sandbox lacks anything is ended before it loads a plugin.
        package var requiresSandbox: Bool
        /// Notes what attempts would need, in guests that refuse nothing. Nil: guests are as their specs say.
        package var learner: Learner?
        /// For tests: bytes that have to be free on the disk of `scratch` for an attempt to be started.
        package var freeSpace: UInt64?
        /// How long a process may take to end after SIGKILL before it is left to the kernel.
        package var patience = Duration.seconds(5)
        /// A file into which a guest writes its process number, before its first attempt, and then waits until a debugger
        /// is attached. No guest of such a pool has a sandbox or limits. Nil: no debugger.
        package var debugger: String?

        package init(
            program: String, scratch: String, marker: String, maximumIdle: Int = 8,
            lacks: KernelLacks = KernelLacks(), makesGroups: Bool = false, requiresSandbox: Bool = false,
            learner: Learner? = nil, debugger: String? = nil
        ) {
            self.program = program
            self.scratch = scratch
            self.marker = marker
            self.maximumIdle = maximumIdle
            self.lacks = lacks
            self.makesGroups = makesGroups
            self.requiresSandbox = requiresSandbox
            self.learner = learner
            self.debugger = debugger
        }
    }

    private let inbox: PoolInbox
    private let isDebugged: Bool
    private let learns: Bool

    /// Opens the guest program and starts the pool's thread.
    package init(configuration: Configuration, logger: Logger) throws(GuestPoolError) {
        let inbox = try PoolInbox()
        isDebugged = configuration.debugger != nil
        learns = configuration.learner != nil
        try ScratchFolder.prepare(configuration.scratch)
        // Checked here, where the caller can be told; the thread opens its own.
        _ = try GuestProgram(configuration)
        let groups = ControlGroups.open(configuration, logger: logger)
        try PoolThread.start("berth-guests") {
            do throws(GuestPoolError) {
                try PoolLoop(inbox: inbox, configuration: configuration, groups: groups, logger: logger).run()
            } catch {
                logger.critical("the guest pool cannot work", metadata: ["reason": "\(error.words)"])
                PoolLoop.refuse(inbox.close(), inbox.sink)
                groups?.close()
            }
        }
        self.inbox = inbox
    }

    deinit {
        _ = inbox.post(.stop(nil))
    }

    /// Where events go, in batches, on the pool's thread. Called once, before the first command.
    package func deliver(to sink: @escaping @Sendable ([GuestEvent]) -> Void) {
        inbox.setSink(sink)
    }

    /// The id of a spec; equal specs have equal ids.
    package func intern(_ spec: GuestSpec) -> GuestSpecID {
        var spec = spec
        if learns { spec.sandbox = .learning }
        return inbox.intern(isDebugged ? spec.unrestricted : spec)
    }

    /// Orders that come after `stop` are answered with `neverStarted` on the caller's thread.
    package func submit(_ commands: [GuestCommand]) {
        guard !commands.isEmpty else { return }
        let message = PoolMessage.commands(commands)
        if !inbox.post(message) { PoolLoop.refuse([message], inbox.sink) }
    }

    /// Loads a library in a guest of its own, reads its descriptor and ends the guest.
    package func probe(_ spec: GuestSpec, deadline: Duration) async -> ProbeResult {
        await withCheckedContinuation { answer in
            let message = PoolMessage.probe(spec, deadline: deadline, answer)
            if !inbox.post(message) { PoolLoop.refuse([message], nil) }
        }
    }

    /// What this machine gives to guests of such a sandbox: one is started, loads nothing and ends.
    package func tryOut(_ sandbox: SandboxRules, grants: Grants) async throws(ProbeFailure) -> SandboxReport {
        let nothing = GuestSpec(library: "/nothing/there", digest: "", sandbox: sandbox, grants: grants)
        guard case .failed(let failure) = await probe(nothing, deadline: .seconds(5)) else { return SandboxReport() }
        guard let report = failure.sandbox else { throw failure }
        return report
    }

    /// Ends the attempts of a run faster that were told to end: what is left of their grace is taken away.
    package func hurry(_ run: RunID) {
        _ = inbox.post(.hurry(run))
    }

    /// Returns when guests of new versions are loaded, one for each that is at work, or cannot be, or after two seconds; the
    /// old versions go on meanwhile.
    package func prepare(_ successions: Set<Succession>) async {
        guard !successions.isEmpty else { return }
        await withCheckedContinuation { answer in
            if !inbox.post(.prepare(successions, answer)) { answer.resume() }
        }
    }

    /// Progress of the attempts that run now, as their control pages say.
    package func progress() async -> [AttemptProgress] {
        await withCheckedContinuation { answer in
            if !inbox.post(.progress(answer)) { answer.resume(returning: []) }
        }
    }

    /// Ends every guest at once and waits until all are reaped. Attempts that still ran are reported as interrupted.
    package func stop() async {
        await withCheckedContinuation { answer in
            if !inbox.post(.stop(answer)) { answer.resume() }
        }
    }

    /// Kills leftovers of an earlier host with this marker: guests and programs that plugins started, whatever they have made
    /// of themselves. Returns how many. Blocks until they are gone, for some seconds at most.
    package static func sweep(marker: String) -> Int {
        ProcessSweep.kill(HomeMark(of: marker), environmentHas: ["BERTH_GUEST=\(marker)"])
    }
}

package struct AttemptProgress: Hashable, Sendable {
    package var key: AttemptKey
    package var guest: Int32
    package var done: UInt64
    package var total: UInt64
    package var note: String
    package var breadcrumb: String
    /// Of the plugin it runs in.
    package var digest: String
    /// Its plugin's version is on its way out; nothing more is started in it.
    package var isLeaving: Bool
    /// Until it is asked to end for that, zero or less if it was; nil: it may go on as long as its own limits allow.
    package var timeLeft: Duration?

    package init(
        key: AttemptKey, guest: Int32, done: UInt64, total: UInt64, note: String, breadcrumb: String, digest: String,
        isLeaving: Bool, timeLeft: Duration?
    ) {
        (self.digest, self.isLeaving, self.timeLeft) = (digest, isLeaving, timeLeft)
        self.key = key
        self.guest = guest
        self.done = done
        self.total = total
        self.note = note
        self.breadcrumb = breadcrumb
    }
}

package enum GuestPoolError: Error, Hashable, Sendable {
    case programMissing(path: String, reason: String)
    case system(call: String, code: Int32)
}
