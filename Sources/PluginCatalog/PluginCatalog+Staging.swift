import Foundation
import GuestPool
import JobModel

/// From a file to a plugin that can be used.
extension PluginCatalog {
    /// Stages the files of all these commands. Those that are known take microseconds each, and thousands of them are
    /// two pieces of work; a new one, which may be large, holds up no other.
    func stage(_ commands: [CatalogState.Command]) {
        var known: [(name: String, ticket: UInt64, stamp: FileStamp?)] = []
        for case .stage(let name, let ticket, let stamp) in commands {
            if let stamp, memory.digest(of: stamp) != nil {
                known.append((name, ticket, stamp))
            } else {
                copying.addOperation { [self] in
                    inbox.put([.staged(name, ticket: ticket, stage("\(folder)/\(name)", stamp: stamp))])
                }
            }
        }
        let half = (known.count + 1) / 2
        for part in [known.prefix(half), known.dropFirst(half)] where !part.isEmpty {
            copying.addOperation { [self] in
                inbox.put(
                    part.map { .staged($0.name, ticket: $0.ticket, stage("\(folder)/\($0.name)", stamp: $0.stamp)) })
            }
        }
    }

    /// Blocks.
    private func stage(_ path: String, stamp: FileStamp?) -> Result<StagedPlugin, StagingFailure> {
        Result { () throws(StagingFailure) -> StagedPlugin in
            let fault = policy.mode == .off ? nil : FolderGuard().fault(file: path, in: folder)
            if let fault, policy.mode == .enforce { throw StagingFailure(digest: "", rejection: fault) }
            var plugin: StagedPlugin
            if let known = try recognise(stamp) { plugin = known } else { plugin = try copy(path) }
            plugin.warning = fault
            return plugin
        }
    }

    private func copy(_ path: String) throws(StagingFailure) -> StagedPlugin {
        let (file, stamp) = try staged.stage(path)
        memory.remember(stamp, digest: file.file.digest)
        return plugin(file)
    }

    /// A file whose digest is known from before and whose copy is still staged.
    private func recognise(_ stamp: FileStamp?) throws(StagingFailure) -> StagedPlugin? {
        guard let stamp, let digest = memory.digest(of: stamp) else { return nil }
        if let copy = staged.copy(of: digest, size: stamp.size), memory.hasVerified(digest, copy: copy),
            let descriptor = memory.descriptor(of: digest)
        {
            let known = Result { () throws(Rejection) in try UsableDescriptor(known: descriptor) }
            return StagedPlugin(file: staged.file(of: digest), known: known)
        }
        do {
            return try staged.judge(digest, size: stamp.size).map(plugin)
        } catch {
            throw StagingFailure(digest: digest, rejection: error)
        }
    }

    private func plugin(_ judged: JudgedFile) -> StagedPlugin {
        let digest = judged.file.digest
        if !judged.hasOwnFolders, let copy = staged.copy(of: digest) {
            memory.rememberJudged(digest, copy: copy, manifest: judged.manifest)
        }
        return StagedPlugin(file: judged.file, manifest: judged.manifest, known: usable(digest))
    }

    /// Nil when no earlier probe left a descriptor.
    private func usable(_ digest: String) -> Result<UsableDescriptor, Rejection>? {
        memory.descriptor(of: digest).map { descriptor in
            Result { () throws(Rejection) in try UsableDescriptor(descriptor) }
        }
    }

    func ask(_ file: StagedFile) async -> ProbeResult {
        let limits = GuestLimits(processes: AttemptLimits.standard.processes ?? 0)
        let result = await probe(GuestSpec(library: file.library, digest: file.digest, limits: limits))
        if case .loaded(let descriptor, _) = result { memory.remember(descriptor, of: file.digest) }
        return result
    }

    /// Reads a version that is kept and that no file holds.
    func recall(_ generation: Generation) {
        copying.addOperation { [self] in
            do throws(Rejection) {
                guard let judged = try staged.judge(generation.digest) else {
                    throw .notStaged(reason: "the copy that was kept is gone")
                }
                Task { inbox.put([.recalled(generation.digest, await recalled(judged, generation))]) }
            } catch {
                inbox.put([.recalled(generation.digest, .failure(error))])
            }
        }
    }

    private func recalled(_ judged: JudgedFile, _ generation: Generation) async -> Result<GoodPlugin, Rejection> {
        var descriptor = memory.descriptor(of: generation.digest)
        if descriptor == nil {
            switch await ask(judged.file) {
            case .loaded(let found, _): descriptor = found
            case .failed(let failure): return .failure(.probe(failure))
            }
        }
        guard let descriptor else { return .failure(.notStaged(reason: "it could not be asked")) }
        return Result { () throws(Rejection) -> GoodPlugin in
            try GoodPlugin(file: judged.file, descriptor: descriptor, arrivedAt: generation.since, ticket: 0)
        }
    }
}
