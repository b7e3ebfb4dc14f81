import GuestPool
import JobModel
import JobStore
import PluginCatalog
import Testing

@testable import JobEngine

/// Thousands of random events against a naive idea of what must always be so.
struct HotStateModelTests {
    @Test(arguments: 1...10 as ClosedRange<UInt64>)
    func `nothing is lost, nothing runs twice, and slots are kept`(seed: UInt64) {
        var play = RandomPlay(seed: seed)
        for step in 0..<1500 {
            play.step()
            if let fault = play.fault {
                Issue.record("seed \(seed), step \(step): \(fault)")
                return
            }
        }
        play.finish()
        if let fault = play.fault { Issue.record("seed \(seed), at the end: \(fault)") }
    }
}

private struct RandomPlay {
    var world: HotWorld
    var random: SeededRandom
    var fault: String?
    private var acknowledged: [RunID] = []
    private var tickets: [Ticket] = []
    private var width = 3
    /// The widest the queue was since nothing was in a slot.
    private var widest = 3
    private let components = [HotWorld.noop, HotWorld.slow, HotWorld.once]
    /// A batch that is at the store: applied, and not answered yet.
    private var inFlight: [(batch: Batch, answers: [Answer], before: SimpleStore)] = []

    init(seed: UInt64) {
        random = SeededRandom(seed: seed)
        world = HotWorld(slots: 3, capacity: 8)
        world.warmUp(HotWorld.noop)
    }

    mutating func step() {
        switch Int.random(in: 0..<100, using: &random) {
        case 0..<30: enqueue()
        case 30..<55: endAttempt()
        case 55..<60: takeBack()
        case 60..<68: cancel()
        case 68..<70: retry()
        case 70: pauseRun()
        case 71: resumeRun()
        case 72: Bool.random(using: &random) ? pause() : resolve()
        case 73..<75: resize()
        case 75..<77: world.pass(.seconds(Int.random(in: 0...20, using: &random)), settling: false)
        case 77: failCommit()
        case 78: swapCatalog()
        case 79..<90: toStore()
        default: fromStore()
        }
        check()
    }

    private mutating func enqueue() {
        var policy = RunPolicy.standard
        if Int.random(in: 0..<10, using: &random) == 0 { policy.notAfter = .seconds(10) }
        if Int.random(in: 0..<6, using: &random) == 0 { policy.preStep = .run(step()) }
        if Int.random(in: 0..<6, using: &random) == 0 { policy.postStep = .run(step()) }
        let requests = (0..<Int.random(in: 1...6, using: &random)).map { _ in
            RunRequest(
                component: components[Int.random(in: 0..<3, using: &random)].name, policy: policy,
                priority: Int.random(in: 0...2, using: &random),
                due: Bool.random(using: &random) ? nil : world.now + .seconds(Int.random(in: 0...5, using: &random)),
                uniqueKey: Int.random(in: 0..<8, using: &random) == 0
                    ? "k\(Int.random(in: 0..<3, using: &random))" : nil)
        }
        tickets.append(world.call(.enqueue(requests)))
    }

    private mutating func step() -> Step {
        let component = components[Int.random(in: 0..<3, using: &random)].name
        return Step(component, ifFails: Bool.random(using: &random) ? .fail : .skip)
    }

    private mutating func endAttempt() {
        guard let run = world.running.randomElement(using: &random) else { return }
        let outcomes: [Outcome] = [
            .succeeded, .succeeded, .succeeded, .failed(retryable: true), .failed(retryable: false), .timedOut,
            .crashed(.memoryFault), .cancelled, .interrupted(.siblingKilled),
        ]
        let outcome = outcomes.randomElement(using: &random) ?? .succeeded
        world.end(run, outcome, took: .microseconds(Int64.random(in: 1...50, using: &random)))
    }

    private mutating func takeBack() {
        guard let run = world.running.randomElement(using: &random) else { return }
        world.giveBack(run)
    }

    private mutating func cancel() {
        guard let run = world.rows.runs.keys.sorted().randomElement(using: &random) else { return }
        _ = world.cancel(run)
    }

    private mutating func retry() {
        let over = world.rows.runs.values.filter { $0.state == .held || ($0.state.isEnd && $0.state != .succeeded) }
        guard let run = over.sorted(by: { $0.id < $1.id }).randomElement(using: &random) else { return }
        world.call(.reopen(run, By(actor: "test")))
    }

    private mutating func pauseRun() {
        guard let run = world.rows.runs.keys.sorted().randomElement(using: &random) else { return }
        let ticket = world.call(.pause(run, By(actor: "test")))
        guard case .notHot = world.replies[ticket], let record = world.rows.runs[run], record.state == .pending else {
            return
        }
        world.call(.pauseUnseen(record, By(actor: "test")))
    }

    private func held() -> [RunRecord] {
        world.rows.runs.values.filter { $0.state == .held }.sorted { $0.id < $1.id }
    }

    private mutating func resumeRun() {
        guard let run = held().randomElement(using: &random) else { return }
        world.call(.resume(run, By(actor: "test")))
    }

    private mutating func resolve() {
        guard let run = held().randomElement(using: &random) else { return }
        world.call(.resolve(run, as: .succeeded, By(actor: "test")))
    }

    private mutating func pause() {
        world.call(.setQueue("default", slots: nil, paused: Bool.random(using: &random)))
    }

    private mutating func resize() {
        width = Int.random(in: 1...5, using: &random)
        widest = max(widest, width)
        world.call(.setQueue("default", slots: width, paused: nil))
    }

    private mutating func swapCatalog() {
        let kept = components.filter { _ in Bool.random(using: &random) }
        world.send(.catalog(HotWorld.catalog(kept)))
    }

    private mutating func toStore() {
        guard inFlight.count < 2, world.state.trouble == nil, !world.state.batch.isEmpty else { return }
        let (batch, before) = (world.takeBatch(), world.rows)
        inFlight.append((batch, world.store(batch), before))
    }

    private mutating func fromStore() {
        guard !inFlight.isEmpty else { return }
        let (batch, answers, _) = inFlight.removeFirst()
        world.send(.committed(batch.tags, answers))
        collect()
    }

    /// A batch is lost, and so are those behind it; those before it come back first.
    private mutating func failCommit() {
        toStore()
        guard !inFlight.isEmpty else { return }
        for _ in 0..<Int.random(in: 0..<inFlight.count, using: &random) { fromStore() }
        world.rollBack(to: inFlight[0].before)
        while !inFlight.isEmpty {
            world.failCommit(inFlight.removeFirst().batch)
            endAttempt()
        }
        world.reload()
        // A change of the queue may have been lost too.
        width = world.rows.queues["default"]?.slots ?? 3
        widest = max(widest, width)
    }

    private mutating func collect() {
        for ticket in tickets {
            guard case .accepted(let results) = world.replies[ticket] else { continue }
            for case .created(let record) in results { acknowledged.append(record.value.id) }
        }
        tickets.removeAll { world.replies[$0] != nil }
    }

    /// The first fault is the one that matters.
    private mutating func note(_ words: String) {
        if fault == nil { fault = words }
    }

    private mutating func check() {
        let running = world.running
        if Set(running).count != running.count { note("a run is with the pool twice") }
        for order in world.orders where world.rows.runs[order.key.run]?.state != .running {
            note("run \(order.key.run) is with the pool and \(world.stateOf(order.key.run)?.word ?? "unknown")")
        }
        for (slot, orders) in Dictionary(grouping: world.orders, by: \.slot)
        where orders.count > 1 && Set(orders.map(\.spec)).count > 1 {
            note("slot \(slot) mixes guests")
        }
        if world.orders.isEmpty, inFlight.isEmpty, world.state.batch.isEmpty { widest = width }
        if Set(world.orders.map(\.slot)).count > widest { note("more slots in use than the queue ever had") }
        if !world.complaints.isEmpty { note(world.complaints.joined(separator: "; ")) }
    }

    /// Whatever has ended has its post-step, and nothing started before its pre-step had succeeded.
    private mutating func checkSteps() {
        for run in world.rows.runs.values {
            if run.state.isEnd, run.policy.postStep != nil,
                !world.rows.runs.values.contains(where: { $0.cause == run.id && $0.source == .step })
            {
                note("run \(run.id) ended and has no post-step")
            }
            if run.policy.preStep != nil, run.counters.starts > 0, run.gate != .passed, run.gate != .ahead {
                note("run \(run.id) started at a gate that is \(run.gate)")
            }
        }
    }

    /// Lets everything come to rest: every run must end, be held, or wait for a time or a person.
    mutating func finish() {
        while !inFlight.isEmpty { fromStore() }
        world.settle()
        world.send(.catalog(HotWorld.catalog(components)))
        world.call(.setQueue("default", slots: 3, paused: false))
        width = 3
        widest = max(widest, 3)
        // Whoever waits for a step that is held waits for a person, too.
        for step in held() where step.source == .step {
            world.call(.resolve(step, as: .succeeded, By(actor: "test")))
        }
        world.settle()
        for _ in 0..<10_000 where fault == nil {
            while let run = world.running.first {
                world.end(run)
                world.settle()
                check()
            }
            guard world.rows.runs.values.contains(where: { $0.state == .pending }) else { break }
            guard let next = world.state.nextTurn(after: world.now) else {
                note("pending runs, and nothing to wake for")
                return
            }
            world.pass(next - world.now)
        }
        if let stuck = world.rows.runs.values.first(where: { !$0.state.isEnd && $0.state != .held }) {
            note("run \(stuck.id) is \(stuck.state.word) for ever")
        }
        collect()
        check()
        if let lost = acknowledged.first(where: { world.rows.runs[$0] == nil }) { note("run \(lost) is lost") }
        if !world.state.runs.isEmpty { note("hot runs are left: \(world.state.runs.keys)") }
        if world.state.slots.contains(where: { $0.held != 0 }) { note("a slot is held by nothing") }
        checkSteps()
        let numbers = world.rows.attempts.map { "\($0.run)/\($0.number)" }
        if Set(numbers).count != numbers.count { note("an attempt is stored twice") }
    }
}
