import GuestPool
import JobModel

/// What the catalog knows of every file, and what is to be done next. Pure: events in, commands out.
struct CatalogState {
    enum Event: Sendable {
        case folder(FolderEvent)
        case staged(String, ticket: UInt64, Result<StagedPlugin, StagingFailure>)
        case probed(StagedFile, ProbeResult)
    }

    enum Command: Hashable, Sendable {
        /// `stamp`: the digest may be taken from what is known of it.
        case stage(String, ticket: UInt64, stamp: FileStamp?)
        case probe(StagedFile)
    }

    /// More would take the processor from the guests that work.
    static let probesAtOnce = 2

    private(set) var entries: [String: CatalogEntry] = [:]
    /// Every file that was there at the first look has been judged.
    private(set) var isComplete = false
    private var hasLooked = false
    private var awaited: Set<String> = []
    private var tickets: UInt64 = 0
    private var probing: Set<String> = []
    private var waiting: [StagedFile] = []

    mutating func take(_ event: Event) -> [Command] {
        let commands =
            switch event {
            case .folder(let event): take(event)
            case .staged(let name, let ticket, let result): staged(name, ticket, result)
            case .probed(let file, let result): probed(file, result)
            }
        isComplete = isComplete || (hasLooked && awaited.isEmpty)
        return commands + nextProbes()
    }

    /// The staged copies that some file stands for.
    var digests: Set<String> { Set(entries.values.flatMap(\.digests)) }

    /// Whether nothing is on its way.
    var isQuiet: Bool { probing.isEmpty && !entries.values.contains(where: \.isChecking) }

    private mutating func take(_ event: FolderEvent) -> [Command] {
        switch event {
        case .appeared(let name, let stamp):
            begin(name, stamp)
        case .ready(let name, let stamp, let mayBeKnown):
            return [.stage(name, ticket: begin(name, stamp), stamp: mayBeKnown ? stamp : nil)]
        case .gone(let name):
            entries[name] = nil
            awaited.remove(name)
        case .looked:
            hasLooked = true
        }
        return []
    }

    /// Results for earlier bytes of this name no longer count.
    @discardableResult
    private mutating func begin(_ name: String, _ stamp: FileStamp) -> UInt64 {
        tickets += 1
        entries[name, default: CatalogEntry()].begin(ticket: tickets, arrivedAt: stamp.changedAt)
        if !hasLooked { awaited.insert(name) }
        return tickets
    }

    private mutating func staged(
        _ name: String, _ ticket: UInt64, _ result: Result<StagedPlugin, StagingFailure>
    ) -> [Command] {
        guard entries[name]?.ticket == ticket else { return [] }
        switch result {
        case .failure(let failure): judge(name) { $0.reject(failure.rejection, digest: failure.digest) }
        case .success(let plugin):
            entries[name]?.note(plugin.manifest)
            if let descriptor = plugin.descriptor {
                judge(name) { $0.accept(plugin.file, descriptor) }
            } else {
                entries[name]?.awaitProbe(of: plugin.file)
                if !probing.contains(plugin.file.digest), !waiting.contains(plugin.file) { waiting.append(plugin.file) }
            }
        }
        return []
    }

    private mutating func probed(_ file: StagedFile, _ result: ProbeResult) -> [Command] {
        probing.remove(file.digest)
        for (name, entry) in entries where entry.isAwaitingProbe(of: file.digest) {
            judge(name) { entry in
                switch result {
                case .loaded(let descriptor, _): entry.accept(file, descriptor)
                case .failed(let failure): entry.reject(.probe(failure), digest: file.digest)
                }
            }
        }
        return []
    }

    private mutating func judge(_ name: String, _ change: (inout CatalogEntry) -> Void) {
        guard var entry = entries[name] else { return }
        change(&entry)
        entries[name] = entry
        awaited.remove(name)
    }

    /// Skips those whose files have gone meanwhile.
    private mutating func nextProbes() -> [Command] {
        var next: [Command] = []
        while probing.count < Self.probesAtOnce, let file = waiting.first {
            waiting.removeFirst()
            guard entries.values.contains(where: { $0.isAwaitingProbe(of: file.digest) }) else { continue }
            probing.insert(file.digest)
            next.append(.probe(file))
        }
        return next
    }
}

/// A staged plugin that passed the static check: what it claims in its manifest, if it has one, and the descriptor, if an
/// earlier probe left one.
struct StagedPlugin: Sendable {
    var file: StagedFile
    var manifest: PluginDescriptor?
    var descriptor: PluginDescriptor?
}
