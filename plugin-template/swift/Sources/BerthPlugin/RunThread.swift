import Synchronization

#if canImport(Glibc)
    import Glibc
#else
    import Musl
#endif

/// Runs the `async` code of one call on the thread on which the host made the call: that thread owns `emit` and its kin,
/// and so there is no hop to another one. What the code awaits elsewhere (an actor, a detached task) runs where it
/// belongs, and the thread waits meanwhile.
///
/// The task of the call is cancelled when the host asks the attempt to end: `Task.checkCancellation()`,
/// `withTaskCancellationHandler` and child tasks work as everywhere.
///
/// Unchecked Sendable: the queue is behind its mutex, and the semaphore is made for threads.
final class RunThread: TaskExecutor, @unchecked Sendable {
    private let queue = Mutex<[UnownedJob]>([])
    private let arrivals = UnsafeMutablePointer<sem_t>.allocate(capacity: 1)

    private init() {
        sem_init(arrivals, 0, 0)
    }

    deinit {
        sem_destroy(arrivals)
        arrivals.deallocate()
    }

    func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        queue.withLock { $0.append(job) }
        sem_post(arrivals)
    }

    /// Runs `body` to its end on the calling thread. `started` receives what cancels it.
    static func run(
        started: (@escaping @Sendable () -> Void) -> Void, _ body: @escaping @Sendable () async throws -> Void
    ) throws {
        let thread = RunThread()
        let outcome = Outcome()
        let task = Task(executorPreference: thread) {
            do {
                try await body()
                outcome.set(.success(()))
            } catch {
                outcome.set(.failure(error))
            }
        }
        started { task.cancel() }
        try thread.work(until: outcome)
    }

    private func work(until outcome: Outcome) throws {
        while true {
            if let result = outcome.result { return try result.get() }
            while sem_wait(arrivals) != 0 {}
            let job = queue.withLock { $0.isEmpty ? nil : $0.removeFirst() }
            job?.runSynchronously(on: asUnownedTaskExecutor())
        }
    }
}

/// How a body ended; nil before.
private final class Outcome: Sendable {
    private let state = Mutex<Result<Void, any Error>?>(nil)

    var result: Result<Void, any Error>? { state.withLock { $0 } }

    func set(_ result: Result<Void, any Error>) {
        state.withLock { $0 = result }
    }
}
