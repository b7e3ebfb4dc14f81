import CLinux
import Glibc
import GuestPool
import JobModel
import JobStore
import Logging
import PluginCatalog

/// The one thread that owns the hot state. It sleeps until the inbox or the clock wakes it, takes a turn, hands the
/// store one batch, and does what the turn asked for.
///
/// Unchecked: everything that changes is touched on the thread itself only, from `work` on.
final class EngineThread: @unchecked Sendable {
    let inbox: Inbox
    let announcer = Announcer()
    /// What attempts are started by, since the store has been read.
    let catalog = SnapshotFeed()
    /// Set when the store has been read, or could not be.
    let ready = Once<EngineError?>()
    let stopped = Once<Void>()
    /// Set when everything that was started has been accounted for.
    let drained = Once<Void>()

    private let store: JobStore
    private let pool: GuestPool
    private let reads: GuestReads
    private let logger: Logger
    private let epoll: Int32
    private let timer: Int32

    private var waiters: [Ticket: CheckedContinuation<Reply, Never>] = [:]
    private var batchesInFlight = 0
    private var armedFor: Instant?
    /// When to read the store again after a failed commit.
    private var reloadAt = ContinuousClock.now
    private var isReopening = false
    /// Failed commits since a batch was stored.
    private var setbacks = 0

    /// Two batches at the store: one is being applied while the next waits at its door.
    private static let mostBatchesInFlight = 2

    /// `withdraw` has a version make way for the one before; it must not wait.
    init(
        store: JobStore, pool: GuestPool, surroundings: Surroundings,
        withdraw: @escaping @Sendable (Withdrawal) -> Void,
        logger: Logger
    ) {
        self.withdraw = withdraw
        self.store = store
        self.pool = pool
        reads = GuestReads(store: store, pool: pool)
        self.surroundings = surroundings
        self.logger = logger
        epoll = berth_epoll_create()
        timer = berth_timer_create_wall()
        inbox = Inbox(bell: berth_event_create())
        // Fails only where the process has no descriptors left, and then `run` says so.
        berth_epoll_add(epoll, inbox.bell, BERTH_EPOLL_IN, Wake.bell.rawValue)
        berth_epoll_add(epoll, timer, BERTH_EPOLL_IN, Wake.timer.rawValue)
    }

    deinit {
        close(timer)
        close(epoll)
    }

    /// Starts the thread, once.
    func start(catalog: CatalogSnapshot) {
        let job = Unmanaged.passRetained(Job(thread: self, catalog: catalog))
        var thread = pthread_t()
        let code = pthread_create(&thread, nil, Job.main, job.toOpaque())
        guard code == 0 else {
            job.release()
            return end(.store(.failed(reason: "no thread for the engine: error \(code)")))
        }
        pthread_detach(thread)
    }

    /// With what the operator says, as it was when the host started.
    let surroundings: Surroundings
    private let withdraw: @Sendable (Withdrawal) -> Void

    // MARK: On the thread

    private func work(catalog known: CatalogSnapshot) {
        do throws(StoreError) {
            let start = try store.load()
            var state = HotState(start, catalog: known, surroundings: surroundings, now: WallClock.now)
            catalog.publish(known)
            ready.set(nil)
            loop(&state)
            end(nil)
        } catch {
            end(.store(error))
        }
    }

    private func loop(_ state: inout HotState) {
        state.handle([], now: WallClock.now)
        deliver(&state)
        while !isOver(state) {
            reloadIfDue(state)
            guard let content = inbox.take() else {
                sleep(&state)
                continue
            }
            for waiter in content.waiters { waiters[waiter.ticket] = waiter.continuation }
            for event in content.events { countBatch(event) }
            state.handle(content.events, now: WallClock.now)
            deliver(&state)
        }
    }

    /// A store that still fails when the drain is over keeps nobody alive: the next host finds what was running.
    private func isOver(_ state: HotState) -> Bool {
        guard batchesInFlight == 0, state.isDrained || (state.drained && state.trouble != nil) else { return false }
        drained.set(())
        return state.mayEnd
    }

    /// Until something is in the inbox or time asks for a turn.
    private func sleep(_ state: inout HotState) {
        let now = WallClock.now
        arm(state.nextTurn(after: now))
        var events = (berth_epoll_event(), berth_epoll_event())
        _ = withUnsafeMutableBytes(of: &events) { bytes in
            berth_epoll_wait(
                epoll, bytes.baseAddress?.assumingMemoryBound(to: berth_epoll_event.self), 2, patience(state))
        }
        berth_event_clear(inbox.bell)
        let clockSpoke = berth_timer_read(timer) != 0
        if clockSpoke { armedFor = nil }
        guard clockSpoke else { return }
        state.handle([], now: WallClock.now)
        deliver(&state)
    }

    private func arm(_ instant: Instant?) {
        let wanted = instant ?? .distantFuture
        guard wanted != armedFor else { return }
        armedFor = wanted
        let (nanoseconds, overflow) = wanted.microseconds.multipliedReportingOverflow(by: 1000)
        berth_timer_arm(timer, 1, overflow ? .max : nanoseconds)
    }

    private func deliver(_ state: inout HotState) {
        submit(&state)
        let effects = state.effects
        state.effects = Effects()
        if !effects.guests.isEmpty { pool.submit(effects.guests) }
        if let news = effects.catalog { catalog.publish(news) }
        for read in effects.reads { reads.begin(read) }
        for (ticket, reply) in effects.replies { waiters.removeValue(forKey: ticket)?.resume(returning: reply) }
        if !effects.announcements.isEmpty { announcer.tell(effects.announcements) }
        for withdrawal in effects.withdrawals { withdraw(withdrawal) }
        for complaint in effects.complaints { logger.warning("\(complaint)") }
    }

    // MARK: The store

    private func submit(_ state: inout HotState) {
        guard state.trouble == nil, !state.batch.isEmpty, batchesInFlight < Self.mostBatchesInFlight else { return }
        let batch = state.batch
        state.batch = Batch()
        batchesInFlight += 1
        store.submit(batch.mutations) { [inbox] result in
            switch result {
            case .success(let answers): inbox.post(.committed(batch.tags, answers))
            case .failure(let error): inbox.post(.commitFailed(batch.tags, error))
            }
        }
    }

    private func countBatch(_ event: Event) {
        switch event {
        case .committed:
            batchesInFlight -= 1
            setbacks = 0
        case .commitFailed(_, let error):
            batchesInFlight -= 1
            putOffReload()
            logger.error("nothing can be stored", metadata: ["reason": "\(error)"])
        case .reloaded:
            isReopening = false
            logger.notice("the store answers again")
        case .reloadFailed:
            isReopening = false
            putOffReload()
        default: break
        }
    }

    /// How long to sleep at most, in nanoseconds; without end unless the store has to be read again.
    private func patience(_ state: HotState) -> Int64 {
        guard state.trouble != nil, batchesInFlight == 0, !isReopening else { return -1 }
        return max(.zero, reloadAt - .now).microseconds * 1000 + 1000
    }

    /// 100 ms, doubled with each setback, 10 s at most.
    private func putOffReload() {
        reloadAt = .now + min(.seconds(10), .milliseconds(100) * (1 << min(setbacks, 7)))
        setbacks += 1
    }

    /// On the store's thread, since it may take long: this one goes on answering what needs no store.
    private func reloadIfDue(_ state: HotState) {
        guard state.trouble != nil, batchesInFlight == 0, !isReopening, reloadAt <= .now else { return }
        isReopening = true
        store.reopen { [inbox] result in
            switch result {
            case .success(let start): inbox.post(.reloaded(start))
            case .failure(let error): inbox.post(.reloadFailed(error))
            }
        }
    }

    // MARK: The end

    private func end(_ error: EngineError?) {
        let reason = error ?? .stopping
        for waiter in inbox.close(reason) { waiter.continuation.resume(returning: .failed(reason)) }
        for waiter in waiters.values { waiter.resume(returning: .failed(reason)) }
        waiters = [:]
        announcer.close()
        catalog.end()
        ready.set(error)
        drained.set(())
        stopped.set(())
    }

    private enum Wake: UInt64 {
        case bell, timer
    }

    private final class Job {
        let thread: EngineThread
        let catalog: CatalogSnapshot

        init(thread: EngineThread, catalog: CatalogSnapshot) {
            self.thread = thread
            self.catalog = catalog
        }

        static let main: @convention(c) (UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? = { pointer in
            guard let pointer else { return nil }
            berth_name_thread("berth-engine")
            let job = Unmanaged<Job>.fromOpaque(pointer).takeRetainedValue()
            job.thread.work(catalog: job.catalog)
            return nil
        }
    }
}
