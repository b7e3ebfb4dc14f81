import GuestPool
import JobModel

/// What the catalog knows of every file, what was decided about plugins, and what is to be done next. Pure: events in,
/// commands out.
struct CatalogState {
    enum Event: Sendable {
        case folder(FolderEvent)
        case staged(String, ticket: UInt64, Result<StagedPlugin, StagingFailure>)
        case probed(StagedFile, ProbeResult)
        /// A probe that was put off is due.
        case probeDue(StagedFile)
        /// A kept version that no file holds, or why it cannot be used.
        case recalled(String, Result<GoodPlugin, Rejection>)
        case order(CatalogOrder, OrderTicket)
    }

    enum Command: Hashable, Sendable {
        /// `stamp`: the digest may be taken from what is known of it.
        case stage(String, ticket: UInt64, stamp: FileStamp?)
        case probe(StagedFile)
        case probeLater(StagedFile, Duration)
        case recall(Generation)
        case recallLater(Generation, Duration)
        case answer(OrderTicket, PluginRefusal?)
    }

    /// Names somebody who waits until an order was carried out.
    typealias OrderTicket = Int

    /// More would take the processor from the guests that work.
    static let probesAtOnce = 2

    let policy: PluginPolicy
    var decisions: Decisions
    var entries: [String: CatalogEntry] = [:]
    /// Kept versions that no file holds, by digest.
    var spare: [String: GoodPlugin] = [:]
    /// What each plugin's components come from.
    var active: [String: GoodPlugin] = [:]
    /// Orders that wait for a kept version to be recalled, by digest.
    var waitingOrders: [String: [(order: CatalogOrder, ticket: OrderTicket)]] = [:]
    /// Kept versions that are being read, or will be.
    var recalls: Set<String> = []
    /// How often a kept version could not be read and was not to blame, by digest.
    var lostRecalls: [String: Int] = [:]
    /// Every file that was there at the first look has been judged.
    private(set) var isComplete = false
    /// Files that were given to be staged and have not come back.
    private(set) var staging = 0
    private var hasLooked = false
    private var awaited: Set<String> = []
    private var tickets: UInt64 = 0
    private var probing: Set<String> = []
    private var waiting: [StagedFile] = []

    init(policy: PluginPolicy = PluginPolicy(), decisions: Decisions = Decisions()) {
        self.policy = policy
        self.decisions = decisions
    }

    mutating func take(_ event: Event, at now: Instant = .distantPast) -> [Command] {
        let commands =
            switch event {
            case .folder(let event): take(event)
            case .staged(let name, let ticket, let result): staged(name, ticket, result)
            case .probed(let file, let result): probed(file, result)
            case .probeDue(let file): probeDue(file)
            case .recalled(let digest, let result): recalled(digest, result, at: now)
            case .order(let order, let ticket): take(order, ticket, at: now)
            }
        isComplete = isComplete || (hasLooked && awaited.isEmpty)
        return commands + nextProbes()
    }

    /// The staged copies that some file stands for, or that are kept for a way back.
    var digests: Set<String> { Set(entries.values.flatMap(\.digests)).union(decisions.digests) }

    /// Whether nothing is on its way.
    var isQuiet: Bool { probing.isEmpty && recalls.isEmpty && !entries.values.contains(where: \.isChecking) }

    private mutating func take(_ event: FolderEvent) -> [Command] {
        switch event {
        case .appeared(let name, let stamp):
            begin(name, stamp, isWhole: false)
        case .ready(let name, let stamp, let mayBeKnown):
            staging += 1
            return [.stage(name, ticket: begin(name, stamp), stamp: mayBeKnown ? stamp : nil)]
        case .gone(let name):
            entries[name] = nil
            awaited.remove(name)
        case .otherHands:
            // Without a policy it does not matter where a file lies.
            return policy.mode == .off ? [] : entries.keys.sorted().flatMap { stageAgain($0) }
        case .looked:
            hasLooked = true
        }
        return []
    }

    /// Results for earlier bytes of this name no longer count.
    @discardableResult
    private mutating func begin(_ name: String, _ stamp: FileStamp, isWhole: Bool = true) -> UInt64 {
        tickets += 1
        entries[name, default: CatalogEntry()].begin(ticket: tickets, stamp: stamp, isWhole: isWhole)
        if !hasLooked { awaited.insert(name) }
        return tickets
    }

    /// Judges the bytes of a file once more.
    mutating func stageAgain(_ name: String) -> [Command] {
        guard let stamp = entries[name]?.stamp else { return [] }
        tickets += 1
        entries[name]?.beginAgain(ticket: tickets)
        staging += 1
        return [.stage(name, ticket: tickets, stamp: stamp)]
    }

    private mutating func staged(
        _ name: String, _ ticket: UInt64, _ result: Result<StagedPlugin, StagingFailure>
    ) -> [Command] {
        staging -= 1
        guard entries[name]?.ticket == ticket else { return [] }
        switch result {
        case .failure(let failure): judge(name) { $0.reject(failure.rejection, digest: failure.digest) }
        case .success(let plugin):
            let isAllowed = isAllowed(plugin.file.digest)
            guard isPermitted(plugin.file.digest) else {
                let digest = plugin.file.digest
                judge(name) { $0.reject(.notAllowed(digest: digest), digest: digest) }
                return []
            }
            let warning = isAllowed ? nil : Rejection.notAllowed(digest: plugin.file.digest)
            entries[name]?.note(plugin.manifest, policy.mode == .off ? nil : plugin.warning ?? warning)
            if let known = plugin.known {
                judge(name) { $0.accept(plugin.file, known) }
            } else {
                entries[name]?.awaitProbe(of: plugin.file)
                awaitProbe(of: plugin.file)
            }
        }
        return []
    }

    func isAllowed(_ digest: String) -> Bool {
        policy.allowed.contains(digest) || decisions.allowed[digest] != nil
    }

    /// Whether the policy lets it be used.
    func isPermitted(_ digest: String) -> Bool { policy.mode != .enforce || isAllowed(digest) }

    /// Whether a plugin's components may come from it.
    func mayUse(_ digest: String) -> Bool { decisions.setAside[digest] == nil && isPermitted(digest) }

    // MARK: Probes

    private mutating func awaitProbe(of file: StagedFile) {
        if !probing.contains(file.digest), !waiting.contains(file) { waiting.append(file) }
    }

    private mutating func probed(_ file: StagedFile, _ result: ProbeResult) -> [Command] {
        probing.remove(file.digest)
        let names = entries.keys.filter { entries[$0]?.isAwaitingProbe(of: file.digest) == true }
        if case .failed(let failure) = result, failure.isCircumstance, !isKilledEachTime(failure, names) {
            return probeLater(file, failure, names)
        }
        let isPermitted = isPermitted(file.digest)
        for name in names {
            judge(name) { entry in
                switch result {
                // Forbidden while it was probed.
                case .loaded where !isPermitted:
                    entry.reject(.notAllowed(digest: file.digest), digest: file.digest)
                case .loaded(let descriptor, _): entry.accept(file, descriptor)
                case .failed(let failure): entry.reject(.probe(failure), digest: file.digest)
                }
            }
        }
        return []
    }

    /// Probes that may be lost, for three minutes, before a kill is the plugin's own: it may have sent it from a constructor.
    static let mostLostProbes = 8

    private func isKilledEachTime(_ failure: ProbeFailure, _ names: [String]) -> Bool {
        failure.stage == .crashed && names.contains { (entries[$0]?.lostProbes ?? 0) >= Self.mostLostProbes }
    }

    /// The plugin is not to blame: it is probed again, after a second, then two, and so on up to a minute.
    private mutating func probeLater(_ file: StagedFile, _ failure: ProbeFailure, _ names: [String]) -> [Command] {
        let losses = names.compactMap { entries[$0]?.lostProbes }.max() ?? 0
        let delay = Self.delay(after: losses)
        for name in names {
            entries[name]?.delayProbe(
                "\(failure.message), which says nothing about the plugin: looked at again in \(delay.berthText)")
            // Nobody waits for it longer than for the others.
            awaited.remove(name)
        }
        return names.isEmpty ? [] : [.probeLater(file, delay)]
    }

    static func delay(after losses: Int) -> Duration { min(.seconds(60), .seconds(1) * (1 << min(losses, 6))) }

    private mutating func probeDue(_ file: StagedFile) -> [Command] {
        guard entries.values.contains(where: { $0.isAwaitingProbe(of: file.digest) }) else { return [] }
        awaitProbe(of: file)
        return []
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

    private mutating func judge(_ name: String, _ change: (inout CatalogEntry) -> Void) {
        guard var entry = entries[name] else { return }
        change(&entry)
        entries[name] = entry
        awaited.remove(name)
    }
}

/// A staged plugin that passed the static check: what it claims in its manifest, if it has one, and the descriptor, if an
/// earlier probe left one. Reading a thousand takes a while, and is done where they are staged.
struct StagedPlugin: Sendable {
    var file: StagedFile
    var manifest: PluginDescriptor?
    var known: Result<UsableDescriptor, Rejection>?
    /// What the policy has against where it lies.
    var warning: Rejection?
}
