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
    /// What the catalog asks of the pool.
    struct Guests: Sendable {
        var probe: @Sendable (GuestSpec) async -> ProbeResult
        var retire: @Sendable ([String]) -> Void
    }

    private let folder: String
    private let staged: StagedFolder
    private let known: KnownFiles
    private let descriptors = DescriptorCache()
    private let guests: Guests
    private let logger: Logger
    private let inbox = EventInbox()
    private let feed = SnapshotFeed()
    /// Copying and hashing, off the cooperative pool; two at a time so that a large file does not hold up small ones.
    private let copying: OperationQueue

    /// `folder` and `staged` are created when missing.
    package convenience init(
        folder: String, staged: String, pool: GuestPool, logger: Logger
    ) throws(CatalogError) {
        let guests = Guests(
            probe: { await pool.probe($0, deadline: .seconds(5)) },
            retire: { pool.submit($0.map(GuestCommand.retire)) })
        try self.init(folder: folder, staged: staged, guests: guests, logger: logger)
    }

    init(
        folder: String, staged: String, guests: Guests, check: StaticCheck = StaticCheck(), logger: Logger
    ) throws(CatalogError) {
        try Self.provide(folder)
        try Self.provide(staged)
        self.folder = URL(fileURLWithPath: folder).path
        self.staged = StagedFolder(path: URL(fileURLWithPath: staged).path, check: check)
        known = KnownFiles(path: "\(self.staged.path)/known.json")
        self.guests = guests
        self.logger = logger
        copying = OperationQueue()
        copying.name = "berth-staging"
        copying.maxConcurrentOperationCount = 2
    }

    /// Scans, then watches until the task is cancelled. Called once.
    package func run() async {
        let watcher = FolderWatcher(folder: folder) { [inbox] events in inbox.put(events.map { .folder($0) }) }
        watcher.start()
        var state = CatalogState()
        var tidied: Set<String>?
        var told = ContinuousClock.now
        var masks = KnownMasks(path: "\(staged.path)/masks.json")
        await inbox.drain { events in
            let commands = events.flatMap { state.take($0) }
            // While more is waiting to be heard, the next turn tells it all at once; but nobody waits long.
            if inbox.isEmpty || told.duration(to: .now) > .milliseconds(50) {
                publish(state, &masks)
                told = .now
            }
            commands.forEach(perform)
            if state.isQuiet, state.isComplete { tidy(state, &tidied) }
        }
        watcher.stop()
        feed.end()
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
        masks.learn(after.components.values)
        after.masks = masks.schemas
        guard before.plugins != after.plugins || before.isComplete != after.isComplete else { return }
        feed.publish(after)
        let retired = before.activeDigests.subtracting(after.activeDigests)
        if !retired.isEmpty { guests.retire(retired.sorted()) }
        let old = Dictionary(grouping: before.plugins, by: \.path)
        announce(after.plugins.filter { old[$0.path]?.contains($0) != true })
    }

    /// Nothing is being staged or probed, and as this runs behind a barrier nothing will be before it is done.
    private func tidy(_ state: CatalogState, _ tidied: inout Set<String>?) {
        let digests = state.digests
        guard tidied != digests else { return copying.addOperation(known.save) }
        tidied = digests
        copying.addBarrierBlock { [self] in
            known.save()
            staged.prune(using: digests) { descriptors.descriptor(in: staged.folder(of: $0))?.id }
        }
    }

    private func announce(_ records: [PluginRecord]) {
        for record in records {
            switch record.state {
            case .active: logger.info("plugin active", metadata: record.metadata)
            case .shadowed: logger.info("plugin shadowed", metadata: record.metadata)
            case .rejected: logger.warning("plugin rejected", metadata: record.metadata)
            case .checking: logger.debug("plugin being checked", metadata: record.metadata)
            }
        }
    }

    private func perform(_ command: CatalogState.Command) {
        switch command {
        case .stage(let name, let ticket, let stamp):
            copying.addOperation { [self] in
                inbox.put([.staged(name, ticket: ticket, stage("\(folder)/\(name)", stamp: stamp))])
            }
        case .probe(let file):
            Task { [self] in
                let result = await guests.probe(GuestSpec(library: file.library, digest: file.digest))
                if case .loaded(let descriptor, _) = result {
                    descriptors.keep(descriptor, in: staged.folder(of: file.digest))
                }
                inbox.put([.probed(file, result)])
            }
        }
    }

    private func stage(_ path: String, stamp: FileStamp?) -> Result<StagedPlugin, StagingFailure> {
        Result { () throws(StagingFailure) -> StagedPlugin in
            if let stamp, let plugin = try recognise(stamp) { return plugin }
            let (file, stamp) = try staged.stage(path)
            known.remember(stamp, digest: file.file.digest)
            return plugin(file)
        }
    }

    /// A file whose digest is known from before and whose copy is still staged.
    private func recognise(_ stamp: FileStamp) throws(StagingFailure) -> StagedPlugin? {
        guard let digest = known.digest(of: stamp) else { return nil }
        do {
            return try staged.judge(digest, size: stamp.size).map(plugin)
        } catch {
            throw StagingFailure(digest: digest, rejection: error)
        }
    }

    private func plugin(_ judged: JudgedFile) -> StagedPlugin {
        let descriptor = descriptors.descriptor(in: staged.folder(of: judged.file.digest))
        return StagedPlugin(file: judged.file, manifest: judged.manifest, descriptor: descriptor)
    }
}

extension PluginRecord {
    fileprivate var metadata: Logger.Metadata {
        var metadata: Logger.Metadata = ["file": "\(path)"]
        if let descriptor { metadata["plugin"] = "\(descriptor.id) \(descriptor.version)" }
        if let reason { metadata["reason"] = "\(reason)" }
        return metadata
    }
}

package enum CatalogError: Error, Hashable, Sendable {
    case folder(path: String, reason: String)
}
