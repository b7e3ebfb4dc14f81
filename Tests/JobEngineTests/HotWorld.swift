import GuestPool
import JobModel
import JobStore
import PluginCatalog

@testable import JobEngine

/// A hot state with the simplest store and pool around it that keep their contracts: rows in a dictionary, orders in a
/// list. Time moves only when told to.
struct HotWorld {
    private(set) var state: HotState
    private(set) var rows = SimpleStore()
    private(set) var orders: [AttemptOrder] = []
    private(set) var warmed: [GuestSpecID] = []
    /// Of which guests are kept ready now.
    private(set) var ready: [GuestSpecID] = []
    private(set) var ends: [(key: AttemptKey, reason: EndReason)] = []
    private(set) var answers: [AttemptKey: GuestAnswer] = [:]
    private(set) var reads: [GuestRead] = []
    private(set) var replies: [Ticket: Reply] = [:]
    private(set) var announcements: [Announcement] = []
    private(set) var complaints: [String] = []
    private(set) var withdrawals: [Withdrawal] = []
    private(set) var retired: [String] = []
    private(set) var vacated: [Int32] = []
    var now = Instant(microseconds: 1_000_000_000_000)
    private var lastTicket = 0

    static let noop = component("basic/noop")
    static let slow = component("basic/slow")
    static let once = component("basic/once", flags: .notRepeatable)

    static func component(
        _ text: String, flags: ComponentFlags = [], digest: String = "d1", timeout: Duration = .zero,
        grace: Duration = .zero, concurrency: UInt32 = 1
    ) -> CatalogComponent {
        guard let name = ComponentName(text) else { preconditionFailure("not a component name: \(text)") }
        return CatalogComponent(
            name: name, digest: digest, library: "/staged/\(digest)/plugin.so", index: 0,
            descriptor: ComponentDescriptor(
                id: name.component, kind: .handler, flags: flags, maxConcurrency: concurrency, defaultTimeout: timeout,
                grace: grace))
    }

    static func catalog(_ components: [CatalogComponent]) -> CatalogSnapshot {
        CatalogSnapshot(
            components: Dictionary(uniqueKeysWithValues: components.map { ($0.name, $0) }), isComplete: true)
    }

    init(
        slots: Int = 2, capacity: Int = 4096, components: [CatalogComponent] = [noop, slow, once],
        rows: SimpleStore = SimpleStore(), settled: Bool = true, now: Instant? = nil,
        schedules: ScheduleActivity = .running, plugins: [String: PluginSettings] = [:],
        queues: [(name: String, change: QueueChange)] = [],
        zones: @escaping (String) -> ZoneRules? = { $0 == "UTC" ? .utc : nil }
    ) {
        self.rows = rows
        self.now = now ?? self.now
        var interned: [GuestSpec: GuestSpecID] = [:]
        let surroundings = Surroundings(
            intern: { spec in
                let id = interned[spec] ?? GuestSpecID(rawValue: Int64(interned.count))
                interned[spec] = id
                return id
            },
            zones: zones, slots: slots, drain: .seconds(30), plugins: plugins,
            settingsFile: "/etc/berth.yaml", queues: queues, laneCapacity: capacity, schedules: schedules)
        state = HotState(
            rows.load(), catalog: Self.catalog(components), surroundings: surroundings, now: self.now)
        send()
        if settled { settle() }
    }

    // MARK: Events

    /// One turn, without a commit.
    mutating func send(_ events: Event...) {
        state.handle(events, now: now)
        perform()
    }

    @discardableResult
    mutating func call(_ call: Call) -> Ticket {
        lastTicket += 1
        send(.call(lastTicket, call))
        return lastTicket
    }

    mutating func pass(_ duration: Duration, settling: Bool = true) {
        now = now + duration
        send()
        if settling { settle() }
    }

    /// What must not happen: a run's place stays in its lane without it.
    mutating func forget(_ run: RunID) {
        state.runs[run] = nil
    }

    // MARK: The store

    /// Takes the batch to the store and brings the answers back. False when there was none.
    @discardableResult
    mutating func commit() -> Bool {
        guard !state.batch.isEmpty, state.trouble == nil else { return false }
        let batch = takeBatch()
        send(.committed(batch.tags, rows.apply(batch.mutations)))
        return true
    }

    mutating func settle() {
        while commit() {}
    }

    mutating func takeBatch() -> Batch {
        let batch = state.batch
        state.batch = Batch()
        return batch
    }

    mutating func store(_ batch: Batch) -> [Answer] {
        rows.apply(batch.mutations)
    }

    /// A batch that is at the store, or else the one to come.
    mutating func failCommit(_ batch: Batch? = nil) {
        let batch = batch ?? takeBatch()
        send(.commitFailed(batch.tags, .failed(reason: "disk full")))
    }

    /// The store is as it was.
    mutating func rollBack(to before: SimpleStore) {
        rows = before
    }

    /// The store refuses all of the batch.
    mutating func refuseCommit() {
        let batch = takeBatch()
        send(.committed(batch.tags, batch.tags.map { _ in .refused("not so") }))
    }

    mutating func reload() {
        send(.reloaded(rows.load()))
    }

    // MARK: The pool

    /// Ends the attempt of a run that is with the pool.
    mutating func end(_ run: RunID, _ outcome: Outcome = .succeeded, took: Duration = .milliseconds(20)) {
        guard let index = orders.firstIndex(where: { $0.key.run == run }) else { return }
        let order = orders.remove(at: index)
        send(.guests([.ended(order.key, AttemptEnd(outcome: outcome, startedAt: now, finishedAt: now + took))]))
    }

    /// The attempt of a run succeeds and wants children made.
    mutating func emitChildren(_ count: Int, in run: RunID) {
        guard let index = orders.firstIndex(where: { $0.key.run == run }) else { return }
        let order = orders.remove(at: index)
        let children = (0..<count).map { ChildOrder(label: "part \($0)", params: Array("{\"part\":\($0)}".utf8)) }
        let end = AttemptEnd(outcome: .succeeded, startedAt: now, finishedAt: now, children: children)
        send(.guests([.ended(order.key, end)]))
    }

    mutating func giveBack(_ run: RunID) {
        guard let index = orders.firstIndex(where: { $0.key.run == run }) else { return }
        send(.guests([.neverStarted(orders.remove(at: index).key)]))
    }

    /// Teaches the state that a component is quick.
    mutating func warmUp(_ component: CatalogComponent) {
        for _ in 0..<20 {
            enqueue(component)
            settle()
            for order in orders { end(order.key.run, took: .microseconds(10)) }
            settle()
        }
    }

    // MARK: Shorthands

    @discardableResult
    mutating func enqueue(
        _ component: CatalogComponent = slow, queue: String = "default", priority: Int = 0, due: Instant? = nil,
        key: String? = nil, onDuplicate: DuplicatePolicy = .existing, params: String = "{}",
        policy: RunPolicy = .standard
    ) -> Ticket {
        call(
            .enqueue([
                RunRequest(
                    component: component.name, params: Array(params.utf8), policy: policy, queue: queue,
                    priority: priority, due: due, uniqueKey: key, onDuplicate: onDuplicate)
            ]))
    }

    /// Enqueues, commits, and returns the id.
    mutating func add(
        _ component: CatalogComponent = slow, queue: String = "default", priority: Int = 0, due: Instant? = nil,
        policy: RunPolicy = .standard
    ) -> RunID {
        let ticket = enqueue(component, queue: queue, priority: priority, due: due, policy: policy)
        settle()
        guard case .accepted(let results) = replies[ticket], case .created(let record) = results.first else { return 0 }
        return record.value.id
    }

    /// A run that came another way than by a call. False when it is not on its way.
    mutating func insert(_ record: RunRecord) -> Bool {
        state.insert(record, ifTaken: nil, nil)
        send()
        settle()
        return state.runs[record.id] != nil
    }

    mutating func cancel(_ id: RunID) -> Ticket {
        let ticket = call(.cancel(id, By(actor: "cli", reason: "no more")))
        guard case .notHot = replies[ticket], let record = rows.runs[id] else { return ticket }
        return call(.close(record, By(actor: "cli", reason: "no more")))
    }

    var running: [RunID] { orders.map(\.key.run) }
    func stateOf(_ id: RunID) -> RunState? { rows.runs[id]?.state }

    func isDone(_ ticket: Ticket) -> Bool {
        if case .done = replies[ticket] { true } else { false }
    }

    private mutating func perform() {
        let effects = state.effects
        state.effects = Effects()
        for command in effects.guests {
            switch command {
            case .run(let order): orders.append(order)
            case .end(let key, let reason): ends.append((key, reason))
            case .answer(let key, let answer): answers[key] = answer
            case .warm(let specs):
                warmed += specs
                ready = specs
            case .retire(let digest): retired.append(digest)
            case .vacate(let slot): vacated.append(slot)
            }
        }
        for (ticket, reply) in effects.replies { replies[ticket] = reply }
        reads += effects.reads
        announcements += effects.announcements
        complaints += effects.complaints
        withdrawals += effects.withdrawals
    }
}

extension Call {
    static func setQueue(_ name: String, slots: Int?, paused: Bool?) -> Call {
        .changeQueue(name, QueueChange(slots: slots, paused: paused))
    }
}
