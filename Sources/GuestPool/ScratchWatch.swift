import Dispatch
import Synchronization

/// Looks at what lies in a guest's folder, from the guest's beginning to its end. Going through a folder takes time that
/// the pool's thread does not have: a queue of its own does it, and what it found is judged at the next look.
struct ScratchWatch {
    private(set) var nextLook: Int64
    private let limit: UInt64
    private let scratch: ScratchFolder
    private let process: Int32
    private var found = Found()

    static let queue = DispatchQueue(label: "berth.scratch-size")
    /// A folder cannot be filled much faster than this: nanoseconds for each MiB.
    private static let nanosecondsPerMiB: UInt64 = 1_000_000
    private static let waits: ClosedRange<Int64> = 100_000_000...1_000_000_000
    /// No more of the queue's time than one part in so many goes into one folder.
    private static let share: Int64 = 10

    /// `limit` in bytes; 0: none.
    init(_ limit: UInt64, of scratch: ScratchFolder, process: Int32, now: Int64) {
        self.limit = limit
        self.scratch = scratch
        self.process = process
        nextLook = limit > 0 ? now : .max
    }

    /// The limit that was passed when the queue last looked; has it look again.
    mutating func look(at now: Int64) -> LimitHit? {
        let (size, took) = found.last
        if found.begin() { measure() }
        let left = limit > size?.bytes ?? 0 ? (limit - (size?.bytes ?? 0)) >> 20 : 0
        let wait = Int64(clamping: left.multipliedReportingOverflow(by: Self.nanosecondsPerMiB).partialValue)
        let bounded = min(max(wait, Self.waits.lowerBound), Self.waits.upperBound)
        nextLook = now + max(bounded, took * Self.share)
        return size?.hit
    }

    /// The folder was emptied: what was found in it, or is being found, is nobody's any more.
    mutating func forget() {
        found = Found()
    }

    private func measure() {
        Self.queue.async { [scratch, process, limit, found] in
            let start = Moment.now().monotonic
            var size = FolderSize(of: scratch.descriptor, upTo: FolderSize.Bounds(bytes: limit))
            size.addNameless(heldBelow: process, besides: scratch.descriptor)
            found.end(size, took: Moment.now().monotonic - start)
        }
    }

    /// What passes between the queue and the pool's thread.
    private final class Found: Sendable {
        private let state = Mutex(State())

        private struct State {
            var isLooking = false
            var size: FolderSize?
            /// Nanoseconds.
            var took: Int64 = 0
        }

        var last: (FolderSize?, took: Int64) { state.withLock { ($0.size, $0.took) } }

        /// False while a look is going on.
        func begin() -> Bool {
            state.withLock { state in
                defer { state.isLooking = true }
                return !state.isLooking
            }
        }

        func end(_ size: FolderSize, took: Int64) {
            state.withLock { $0 = State(isLooking: false, size: size, took: took) }
        }
    }
}
