package import JobModel

/// Which tasks of an instance, or of one launch of it, other workers have, and what to do about each. Without clock and
/// network: what happens goes in with its time, what is to be done comes out.
///
/// The tasks are the children of a run. Those that are here are the engine's own business; those that are lent are errands:
/// sent, sent again until they are taken, heard of, and ended once. A worker of which nothing is heard for too long is
/// lost: what it had is given to others, or has failed where the task is about that worker.
package struct TaskTracker: Sendable {
    package enum Effect: Hashable, Sendable {
        /// Give the task to its borrower.
        case send(Loan)
        /// The attempt is over.
        case end(Loan, TaskEnd)
        /// The borrower never had it.
        case takeBack(Loan)
        /// Who else may run the children from now on.
        case lend(LendingTerms)
    }

    /// How an attempt ended that another worker made.
    package enum TaskEnd: Hashable, Sendable {
        case succeeded([UInt8], children: [ChildOrder] = [])
        case failed(String)
        /// For good: nobody else can do it.
        case failedForGood(String)
        /// Nobody knows; it goes again where it may be repeated.
        case lost(String)
    }

    private struct Errand {
        var loan: Loan
        var firstTry: Instant
        /// Nil: it is on its way.
        var nextTry: Instant?
        /// The borrower has stored it.
        var isTaken = false
    }

    private struct Peer {
        var heard: Instant
        /// Gets nothing before.
        var awayUntil = Instant.distantPast
    }

    private let order: InstanceOrder
    private let own: String
    /// Begins the names of its tasks.
    private let root: String
    private let pace: TaskPace
    private var errands: [String: Errand] = [:]
    private var peers: [String: Peer] = [:]
    private var lastTerms: LendingTerms?

    /// `root` is what the first task is called: `0`, or the number of a launch.
    package init(_ order: InstanceOrder, own: String, root: String = "0", pace: TaskPace, now: Instant) {
        self.order = order
        self.own = own
        self.root = root
        self.pace = pace
        for address in order.peers(own: own) { peers[address] = Peer(heard: now) }
    }

    /// Every worker that may have heard of the instance.
    package var borrowers: [String] { peers.keys.sorted() }

    /// The name of a child among the tasks.
    package func taskID(of loan: Loan) -> String { "\(root).\(loan.run.childIndex ?? 0)" }

    // MARK: What happens

    /// Begins, or begins again after the host was away.
    package mutating func begin(now: Instant) -> [Effect] { terms(now) }

    package mutating func lent(_ loan: Loan, now: Instant) -> [Effect] {
        let taskID = taskID(of: loan)
        if let known = errands[taskID], known.loan.number == loan.number, known.loan.host == loan.host { return [] }
        let isIdle = !errands.values.contains { $0.loan.host == loan.host }
        if isIdle || peers[loan.host] == nil { peers[loan.host, default: Peer(heard: now)].heard = now }
        errands[taskID] = Errand(loan: loan, firstTry: now)
        return [.send(loan)]
    }

    /// The borrower has stored it.
    package mutating func taken(_ loan: Loan, now: Instant) -> [Effect] {
        let heard = hear(loan.host, now: now)
        let taskID = taskID(of: loan)
        guard errands[taskID]?.loan == loan else { return heard }
        errands[taskID]?.isTaken = true
        errands[taskID]?.nextTry = nil
        return heard
    }

    /// It did not get there, as far as is known.
    package mutating func notTaken(_ loan: Loan, now: Instant) -> [Effect] {
        let taskID = taskID(of: loan)
        guard let errand = errands[taskID], errand.loan == loan, !errand.isTaken else { return [] }
        errands[taskID]?.nextTry = now + pace.resend
        peers[loan.host]?.awayUntil = now + pace.unacknowledged
        return terms(now)
    }

    /// A word of the borrower. What comes of an end is nothing when the task is not out.
    package mutating func report(_ report: TaskReport, now: Instant) -> [Effect] {
        guard let errand = errands[report.taskID] else { return [] }
        var effects = hear(errand.loan.host, now: now)
        errands[report.taskID]?.isTaken = true
        errands[report.taskID]?.nextTry = nil
        guard report.status.isEnd else { return effects }
        errands[report.taskID] = nil
        effects.append(.end(errand.loan, Self.end(report)))
        return effects
    }

    private static func end(_ report: TaskReport) -> TaskEnd {
        guard report.status == .succeeded else { return .failed(report.result ?? "the task failed") }
        return .succeeded(report.output ?? Array((report.result ?? "").utf8), children: report.children)
    }

    /// A borrower is alive, or has forgotten the instance.
    package mutating func alive(_ report: BorrowerReport, now: Instant) -> [Effect] {
        guard peers[report.address] != nil else { return [] }
        guard report.isIdle else { return hear(report.address, now: now) }
        return lose(report.address, "SYSTEM: unreceived process result", now: now)
    }

    /// Workers that can run the job; those that are gone find themselves lost.
    package mutating func found(_ addresses: [String], now: Instant) -> [Effect] {
        guard order.executeType != .broadcast else { return [] }
        for address in order.peers(among: addresses, own: own) where peers[address] == nil {
            guard order.mostAddresses == 0 || peers.count + 1 < order.mostAddresses else { break }
            peers[address] = Peer(heard: now)
        }
        return terms(now)
    }

    /// What time asks for.
    package mutating func tick(now: Instant) -> [Effect] {
        var effects: [Effect] = []
        for (host, peer) in peers where now - peer.heard >= pace.patience && isBusy(host) {
            effects += lose(host, "maybe worker down", now: now)
        }
        for (taskID, errand) in errands.sorted(by: { $0.key < $1.key }) {
            guard !errand.isTaken, let next = errand.nextTry, next <= now else { continue }
            if mayGoElsewhere, now - errand.firstTry >= pace.unacknowledged {
                errands[taskID] = nil
                effects.append(.takeBack(errand.loan))
            } else {
                errands[taskID]?.nextTry = nil
                effects.append(.send(errand.loan))
            }
        }
        return effects + terms(now)
    }

    /// When `tick` is due next; nil: when something else happens.
    package var next: Instant? {
        var next: Instant?
        func consider(_ instant: Instant) { next = min(next ?? instant, instant) }
        for (host, peer) in peers {
            if isBusy(host) { consider(peer.heard + pace.patience) }
            if peer.awayUntil > .distantPast { consider(peer.awayUntil) }
        }
        for errand in errands.values { if let nextTry = errand.nextTry { consider(nextTry) } }
        return next
    }

    // MARK: Workers

    private var mayGoElsewhere: Bool { order.executeType != .broadcast }

    private func isBusy(_ host: String) -> Bool { errands.values.contains { $0.loan.host == host } }

    private mutating func hear(_ host: String, now: Instant) -> [Effect] {
        guard peers[host] != nil else { return [] }
        peers[host] = Peer(heard: now)
        return terms(now)
    }

    private mutating func lose(_ host: String, _ reason: String, now: Instant) -> [Effect] {
        peers[host]?.awayUntil = now + pace.patience
        peers[host]?.heard = now
        let lost = errands.filter { $0.value.loan.host == host }.sorted { $0.key < $1.key }
        for (taskID, _) in lost { errands[taskID] = nil }
        let words = "\(reason) (\(host))"
        let end = mayGoElsewhere ? TaskEnd.lost(words) : .failedForGood(reason)
        let ends = lost.map { Effect.end($0.value.loan, end) }
        return ends + terms(now)
    }

    /// Tells the engine when that has changed.
    private mutating func terms(_ now: Instant) -> [Effect] {
        for (host, peer) in peers where peer.awayUntil <= now { peers[host]?.awayUntil = .distantPast }
        guard mayGoElsewhere else { return [] }
        let near = peers.filter { $0.value.awayUntil == .distantPast }.keys
        let terms = LendingTerms(
            hosts: Dictionary(uniqueKeysWithValues: near.map { ($0, order.threadsAtOnce) }),
            here: order.leavesTasksToOthers && !near.isEmpty ? 0 : order.threadsAtOnce)
        guard terms != lastTerms else { return [] }
        lastTerms = terms
        return [.lend(terms)]
    }
}

/// When things are done between workers.
package struct TaskPace: Hashable, Sendable {
    /// A worker that is silent for so long is lost.
    package var patience = Duration.seconds(60)
    /// A task that was not taken by then goes to another worker.
    package var unacknowledged = Duration.seconds(15)
    /// Between two tries to give a task to a worker, or to report its end.
    package var resend = Duration.seconds(2)
    /// Between two reports that a worker is alive.
    package var alive = Duration.seconds(10)
    /// Between two looks for workers that came up later.
    package var discovery = Duration.seconds(60)
    /// An end that the tracker does not take for so long is kept no longer.
    package var reportsFor = Duration.seconds(3600)

    package init() {}
}

extension InstanceOrder {
    /// Tasks at once on each worker.
    package var threadsAtOnce: Int { threads > 0 ? threads : 5 }

    /// The host that has the instance takes none of the tasks that can go elsewhere.
    package var leavesTasksToOthers: Bool {
        runtimeConfig.flatMap { try? JSONParser.parse($0) }?["taskTrackerBehavior"]?.looseInteger == 11
    }

    /// The other workers that may take part, in the server's order.
    package func peers(own: String) -> [String] { peers(among: allAddresses, own: own) }

    func peers(among addresses: [String], own: String) -> [String] {
        var seen: Set<String> = [own]
        let others = addresses.filter { HostPort($0) != nil && seen.insert($0).inserted }
        return mostAddresses > 0 ? Array(others.prefix(mostAddresses - 1)) : others
    }

    /// All workers of a broadcast, this one where the server put it.
    package func everybody(own: String) -> [String] {
        let others = Set(peers(own: own))
        var seen: Set<String> = []
        return allAddresses.filter { ($0 == own || others.contains($0)) && seen.insert($0).inserted }
    }
}
