package import JobEngine
package import JobModel
import ServiceLifecycle
import Synchronization

/// Numbers the engine's announcements and hands them to any number of readers. Keeps the newest thousand, so that a
/// reader who was away for a moment can go on where it was.
package final class EventFeed: Service {
    /// An announcement and its place: the n-th since this host started.
    struct Event: Sendable {
        let number: UInt64
        let view: AnnouncementView
    }

    /// What a reader gets: what it missed, then what comes. `isComplete` is false when some of what it missed is gone.
    struct Reading {
        let missed: [Event]
        let isComplete: Bool
        let coming: AsyncStream<Event>
    }

    private struct State {
        var last: UInt64 = 0
        var kept: [Event] = []
        var readers: [UInt64: AsyncStream<Event>.Continuation] = [:]
        var nextReader: UInt64 = 0
    }

    static let capacity = 1000
    private let engine: JobEngine
    private let state = Mutex(State())
    /// Tells the events of this host's life from those of another's.
    let epoch: String

    package init(engine: JobEngine, startedAt: Instant) {
        self.engine = engine
        epoch = String(startedAt.microseconds)
    }

    package func run() async {
        await cancelWhenGracefulShutdown { [self] in
            for await announcement in engine.announcements() { publish(announcement) }
        }
        // Not within the lock: who finishes is forgotten, which takes it again.
        let readers = state.withLock { Array($0.readers.values) }
        for reader in readers { reader.finish() }
    }

    private func publish(_ announcement: Announcement) {
        state.withLock { state in
            state.last += 1
            let event = Event(number: state.last, view: AnnouncementView(announcement))
            // Twice the capacity before cutting, so that cutting is rare.
            if state.kept.count >= 2 * Self.capacity { state.kept.removeFirst(Self.capacity) }
            state.kept.append(event)
            for reader in state.readers.values { reader.yield(event) }
        }
    }

    /// `position`: the id of the last event the reader saw, if it saw one.
    func read(after position: String?) -> Reading {
        let (coming, continuation) = AsyncStream.makeStream(
            of: Event.self, bufferingPolicy: .bufferingNewest(Self.capacity))
        return state.withLock { state in
            let reader = state.nextReader
            state.nextReader += 1
            state.readers[reader] = continuation
            continuation.onTermination = { [self] _ in forget(reader) }
            guard let position else { return Reading(missed: [], isComplete: true, coming: coming) }
            guard let seen = number(position), seen <= state.last, seen + 1 >= state.kept.first?.number ?? 1 else {
                return Reading(missed: [], isComplete: false, coming: coming)
            }
            return Reading(missed: state.kept.filter { $0.number > seen }, isComplete: true, coming: coming)
        }
    }

    private func forget(_ reader: UInt64) {
        _ = state.withLock { $0.readers.removeValue(forKey: reader) }
    }

    private func number(_ position: String) -> UInt64? {
        let parts = position.split(separator: "-")
        guard parts.count == 2, parts[0] == epoch else { return nil }
        return UInt64(parts[1])
    }
}
