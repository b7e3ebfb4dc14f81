import Foundation
package import GuestPool
import JobModel
package import Logging

/// Watches the plugins folder, copies what appears there into the staged folder by digest, checks and probes it, and
/// says what can be run. Never maps a plugin into this process.
///
/// Of files with one plugin id the highest version is active, equal versions the later arrival. A file that is replaced
/// by something that is rejected stays active with what it held before, until it is deleted or a good one comes.
package final class PluginCatalog: Sendable {
    /// Loads a staged copy in a guest of its own.
    typealias Probe = @Sendable (GuestSpec) async -> ProbeResult

    let folder: String
    let staged: StagedFolder
    let memory: CatalogMemory
    package let policy: PluginPolicy
    let probe: Probe
    let logger: Logger
    let inbox = EventInbox()
    let orders = OrderBook()
    let notes: CatalogNotes
    private let feed = SnapshotFeed()
    /// Copying and hashing, off the cooperative pool; two at a time so that a large file does not hold up small ones.
    let copying: OperationQueue

    /// `folder` and `staged` are created when missing.
    package convenience init(
        folder: String, staged: String, pool: GuestPool, policy: PluginPolicy = PluginPolicy(), logger: Logger
    ) throws(CatalogError) {
        try self.init(
            folder: folder, staged: staged, probe: { await pool.probe($0, deadline: .seconds(5)) }, policy: policy,
            logger: logger)
    }

    init(
        folder: String, staged: String, probe: @escaping Probe, check: StaticCheck = StaticCheck(),
        policy: PluginPolicy = PluginPolicy(), logger: Logger
    ) throws(CatalogError) {
        try Self.provide(folder)
        try Self.provide(staged)
        self.folder = URL(fileURLWithPath: folder).path
        self.staged = StagedFolder(path: URL(fileURLWithPath: staged).path, check: check)
        memory = CatalogMemory(path: "\(self.staged.path)/known.plugins", machine: check.libraries.fingerprint)
        notes = CatalogNotes(folder: self.staged.path, logger: logger)
        self.policy = policy
        self.probe = probe
        self.logger = logger
        copying = OperationQueue()
        copying.name = "berth-staging"
        copying.maxConcurrentOperationCount = 2
    }

    /// Scans, then watches until the task is cancelled. Called once.
    package func run() async {
        let watcher = FolderWatcher(folder: folder) { [inbox] events in inbox.put(events.map { .folder($0) }) }
        watcher.start()
        var state = CatalogState(policy: policy, decisions: notes.readDecisions())
        var kept = state.decisions
        var tidied: Set<String>?
        var told = ContinuousClock.now
        var isTurnPlanned = false
        var masks = KnownMasks(path: notes.masksPath)
        await inbox.drain { events in
            let now = Instant.now
            var commands = events.flatMap { state.take($0, at: now) }
            if isTime(toTell: commands, state, last: told) {
                commands += state.choose(at: now)
                publish(state, &masks)
                told = .now
                // A thousand files that are met for the first time are one note.
                if state.isComplete || commands.contains(where: \.isAnswer), state.decisions != kept {
                    kept = state.decisions
                    notes.keep(kept)
                }
                isTurnPlanned = false
            } else if !isTurnPlanned {
                isTurnPlanned = true
                planTurn()
            }
            stage(commands)
            commands.forEach(perform)
            if state.isQuiet, state.isComplete { tidy(state, &tidied) }
        }
        watcher.stop()
        await settle(state)
        orders.close()
        feed.end()
    }

    /// While more is waiting to be heard, or the first look goes on, a later turn tells it all at once: a snapshot of a
    /// thousand plugins takes longer than staging and probing one. But nobody waits long, and those who asked for something
    /// not at all.
    private func isTime(
        toTell commands: [CatalogState.Command], _ state: CatalogState, last told: ContinuousClock.Instant
    ) -> Bool {
        if commands.contains(where: \.isAnswer) { return true }
        guard state.isComplete else { return told.duration(to: .now) >= Self.pause }
        return inbox.isEmpty || told.duration(to: .now) > .milliseconds(50)
    }

    /// Between two snapshots during the first look.
    private static let pause = Duration.milliseconds(250)

    /// A turn that nothing else may bring about: a plugin that hangs in its probe must not hold back the others.
    private func planTurn() {
        Task { [inbox] in
            try? await Task.sleep(for: Self.pause)
            inbox.nudge()
        }
    }

    /// The next host finds on disk what this one knew.
    private func settle(_ state: CatalogState) async {
        await withCheckedContinuation { done in
            copying.addBarrierBlock { [self] in
                // What was not judged yet would be forgotten.
                if state.isComplete { save(keeping: state.digests) }
                notes.afterKeeping { _ in done.resume() }
            }
        }
    }

    /// Waits until every file that was in the folder when `run` began has been judged, or `run` has ended.
    package func firstScan() async {
        for await snapshot in snapshots() where snapshot.isComplete { return }
    }

    package var snapshot: CatalogSnapshot { feed.current }

    /// The current snapshot, then each new one; a slow reader gets the newest. Ends when `run` does.
    package func snapshots() -> AsyncStream<CatalogSnapshot> { feed.stream() }

    private static func provide(_ folder: String) throws(CatalogError) {
        do {
            try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        } catch {
            throw .folder(path: folder, reason: error.localizedDescription)
        }
        guard access(folder, R_OK | X_OK) == 0 else {
            throw .folder(path: folder, reason: SystemError.text(errno))
        }
    }
}

extension PluginCatalog {
    private func publish(_ state: CatalogState, _ masks: inout KnownMasks) {
        let before = feed.current
        var after = state.snapshot(folder: folder)
        if masks.learn(after.components.values) { notes.keep(masks) }
        after.masks = masks.schemas
        after.number = before.number + 1
        guard before.isOther(than: after) else { return }
        feed.publish(after)
        announce(after, after: before)
    }

    /// Nothing is being staged or probed, and as this runs behind a barrier nothing will be before it is done.
    private func tidy(_ state: CatalogState, _ tidied: inout Set<String>?) {
        let digests = state.digests
        let isNew = tidied != digests
        tidied = digests
        copying.addBarrierBlock { [self] in
            save(keeping: digests)
            if isNew { staged.prune(keeping: digests) }
        }
    }

    private func save(keeping digests: Set<String>) {
        do throws(NoteFault) {
            try memory.save(keeping: digests)
        } catch {
            logger.warning(
                "what is known of plugins could not be written down; the next start will be slower",
                metadata: ["file": "\(error.path)", "reason": "\(error.reason)"])
        }
    }

    private func perform(_ command: CatalogState.Command) {
        switch command {
        case .stage: break
        case .probe(let file):
            Task { [self] in inbox.put([.probed(file, await ask(file))]) }
        case .probeLater(let file, let delay):
            Task { [inbox] in
                try? await Task.sleep(for: delay)
                inbox.put([.probeDue(file)])
            }
        case .recall(let generation): recall(generation)
        case .recallLater(let generation, let delay):
            Task { [self] in
                try? await Task.sleep(for: delay)
                recall(generation)
            }
        case .answer(let ticket, let refusal):
            notes.afterKeeping { [orders] fault in
                orders.answer(ticket, refusal ?? fault.map { .notKept(reason: "\($0.path): \($0.reason)") })
            }
        }
    }

    private func announce(_ after: CatalogSnapshot, after before: CatalogSnapshot) {
        let old = Dictionary(grouping: before.plugins, by: \.path)
        for record in after.plugins where old[record.path]?.contains(record) != true { announce(record) }
        for (id, standing) in after.standings {
            announceAbsence(id, standing.lineage, before.standings[id]?.lineage)
            guard let earlier = before.standings[id]?.lineage.current, let now = standing.lineage.current,
                earlier.digest != now.digest
            else { continue }
            logger.notice(
                "plugin changes version",
                metadata: [
                    "plugin": "\(id)", "from": "\(earlier.version)", "to": "\(now.version)",
                    "generation": "\(now.number)",
                ])
        }
    }

    private func announceAbsence(_ id: String, _ lineage: Lineage, _ before: Lineage?) {
        guard let before, before.goneSince == nil, lineage.goneSince != nil else { return }
        logger.notice(
            "plugin gone: no file holds it any more, and its runs wait",
            metadata: ["plugin": "\(id)", "file": "\(lineage.current?.file ?? "")"])
    }

    private func announce(_ record: PluginRecord) {
        switch record.state {
        case .active where record.warning != nil: logger.warning("plugin active", metadata: record.metadata)
        case .active: logger.info("plugin active", metadata: record.metadata)
        case .shadowed: logger.info("plugin shadowed", metadata: record.metadata)
        case .rejected: logger.warning("plugin rejected", metadata: record.metadata)
        case .disabled: logger.notice("plugin disabled", metadata: record.metadata)
        case .setAside: logger.warning("plugin version set aside", metadata: record.metadata)
        case .checking where record.reason != nil: logger.warning("plugin still checked", metadata: record.metadata)
        case .checking: logger.debug("plugin being checked", metadata: record.metadata)
        }
    }
}

extension CatalogSnapshot {
    fileprivate func isOther(than other: CatalogSnapshot) -> Bool {
        plugins != other.plugins || isComplete != other.isComplete || standings != other.standings
            || allowed != other.allowed
    }
}

extension CatalogState.Command {
    fileprivate var isAnswer: Bool { if case .answer = self { true } else { false } }
}

extension PluginRecord {
    fileprivate var metadata: Logger.Metadata {
        var metadata: Logger.Metadata = ["file": "\(path)"]
        if let descriptor { metadata["plugin"] = "\(descriptor.id) \(descriptor.version)" }
        if let reason { metadata["reason"] = "\(reason)" }
        if let warning { metadata["warning"] = "\(warning)" }
        return metadata
    }
}

package enum CatalogError: Error, Hashable, Sendable {
    case folder(path: String, reason: String)
}
