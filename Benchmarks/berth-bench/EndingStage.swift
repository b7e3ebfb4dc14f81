import Foundation
import GuestPool
import JobModel

/// A pool that makes one attempt of `chaos` after the other, and when it said that each was over.
final class EndingStage {
    typealias Heard = (end: AttemptEnd, nanoseconds: Int64)

    let pool: GuestPool
    private let spec: GuestSpecID
    private let components: [String]
    private let ends: AsyncThrowingStream<Heard, any Error>
    private var run: RunID = 0

    init(_ options: BenchOptions) async throws {
        let (ends, heard) = AsyncThrowingStream.makeStream(of: Heard.self, throwing: (any Error).self)
        pool = try GuestPool(options, scratch: options.scratch.appendingPathComponent("endings")) { events in
            let now = Stopwatch.nanoseconds()
            for event in events { Self.tell(event, now, heard) }
        }
        self.ends = ends
        let chaos = GuestSpec(options, "chaos.so")
        switch await pool.probe(chaos, deadline: .seconds(10)) {
        case .loaded(let descriptor, _): components = descriptor.components.map(\.id)
        case .failed(let failure): throw failure
        }
        spec = pool.intern(chaos)
    }

    @discardableResult func order(
        _ component: String, limit: Duration? = nil, grace: Duration = .seconds(5)
    ) -> AttemptKey {
        run += 1
        let order = AttemptOrder(
            key: AttemptKey(run: run, number: 1), slot: 0, spec: spec,
            component: UInt32(components.firstIndex(of: component) ?? components.count), rootRun: run,
            params: Array("{\"seconds\":60}".utf8), limit: limit, grace: grace)
        pool.submit([.run(order)])
        return order.key
    }

    /// The attempt that is ordered, and its guest, once it has begun.
    func begin(_ component: String) async throws -> (AttemptKey, guest: Int32) {
        let attempt = order(component)
        for _ in 0..<10_000 {
            if let begun = await pool.progress().first(where: { $0.key == attempt }) { return (attempt, begun.guest) }
            try await Task.sleep(for: .milliseconds(1))
        }
        throw BenchFailure("an attempt of \(component) did not begin")
    }

    /// Of the attempt that was ordered last.
    func end(_ outcome: Outcome) async throws -> Heard {
        guard let heard = try await ends.first(where: { _ in true }) else { throw CancellationError() }
        guard heard.end.outcome == outcome else {
            throw BenchFailure("an attempt ended as \(heard.end.outcome.word) and not as \(outcome.word)")
        }
        return heard
    }

    private static func tell(
        _ event: GuestEvent, _ now: Int64, _ heard: AsyncThrowingStream<Heard, any Error>.Continuation
    ) {
        switch event {
        case .ended(_, let end): heard.yield((end, now))
        case .neverStarted: heard.finish(throwing: BenchFailure("an attempt never started"))
        case .noProcess(let words), .noRoom(let words): heard.finish(throwing: BenchFailure(words))
        case .asked, .log: break
        }
    }
}
