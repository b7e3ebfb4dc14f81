import Foundation
import JobEngine
import JobModel
import TestSupport
import Testing

@testable import Upstreams

/// What a server gave us is stored before it is answered and owed until it is settled, over the deaths of hosts.
@Suite struct DispatchLedgerTests {
    private static func request(_ instance: String, _ component: String = "basic/echo", upstream: String = "cluster")
        throws -> RunRequest
    {
        let name = try #require(ComponentName(component))
        return RunRequest(
            component: name, params: Array("{\"of\":\"\(instance)\"}".utf8), hasOwnTimeout: true,
            dispatch: Dispatch(upstream: upstream, instance: instance, note: Array("{\"job\":7}".utf8)))
    }

    private static func ledger(_ host: WorkingEngine, upstream: String = "cluster") async throws -> DispatchLedger {
        let ledger = DispatchLedger(upstream: upstream, engine: host.engine)
        try await ledger.recover()
        return ledger
    }

    /// The run of a request that was taken.
    @discardableResult
    private static func take(_ ledger: DispatchLedger, _ request: RunRequest) async throws -> RunRecord {
        guard case .created(let run) = try await ledger.take(request) else { throw NotTaken() }
        return run
    }

    private struct NotTaken: Error {}

    @Test func `a dispatch is stored, run, told of once with its note and output, and gone when settled`() async throws
    {
        try await WorkingEngine.with { host in
            let ledger = try await Self.ledger(host)
            let run = try await Self.take(ledger, Self.request("9007199254740993"))
            #expect(run.source == .upstream && run.actor == "upstream:cluster")
            #expect(run.instance == "9007199254740993")
            var ends = ledger.ends.makeAsyncIterator()
            let ended = try #require(await ends.next())
            #expect(ended.run.id == run.id && ended.run.state == .succeeded)
            #expect(ended.run.output == Array("{\"of\":\"9007199254740993\"}".utf8))
            #expect(ended.dispatch.note == Array("{\"job\":7}".utf8))
            #expect(await ledger.open.isEmpty)
            #expect(await ledger.figures(now: run.createdAt).owed == 1)
            #expect(try await host.engine.owed(to: "cluster").map(\.run) == [run.id])
            await ledger.settle([run.id])
            #expect(try await host.engine.owed(to: "cluster").isEmpty)
            #expect(await ledger.figures(now: run.createdAt).owed == 0)
        }
    }

    @Test func `an instance that is owed is not started twice, one that is settled is`() async throws {
        try await WorkingEngine.with { host in
            let ledger = try await Self.ledger(host)
            let run = try await Self.take(ledger, Self.request("i", "basic/wait"))
            guard case .existing(let same) = try await ledger.take(Self.request("i")) else {
                Issue.record("started twice")
                return
            }
            #expect(same.id == run.id)
            try await host.running(run.id)
            #expect(try await ledger.cancel("i", reason: "enough"))
            var ends = ledger.ends.makeAsyncIterator()
            #expect(await ends.next()?.run.state == .cancelled)
            guard case .existing = try await ledger.take(Self.request("i")) else {
                Issue.record("started anew before its end was acknowledged")
                return
            }
            await ledger.settle([run.id])
            let again = try await Self.take(ledger, Self.request("i"))
            #expect(again.id > run.id)
            #expect(await ends.next()?.run.id == again.id)
        }
    }

    @Test func `an instance that comes again while its end is being settled is a new start`() async throws {
        try await WorkingEngine.with { host in
            let ledger = try await Self.ledger(host)
            var ends = ledger.ends.makeAsyncIterator()
            var last: RunID = 0
            for _ in 0..<50 {
                let run = try await Self.take(ledger, Self.request("i", "basic/noop"))
                #expect(run.id > last)
                last = run.id
                #expect(await ends.next()?.run.id == run.id, "an end that was settled was told again")
                async let settled: Void = ledger.settle([run.id])
                async let again = ledger.take(Self.request("i", "basic/noop"))
                await settled
                guard case .existing = try await again else {
                    guard case .created(let next) = try await again else { throw NotTaken() }
                    #expect(await ends.next()?.run.id == next.id)
                    await ledger.settle([next.id])
                    continue
                }
                #expect(try await host.engine.owed(to: "cluster").isEmpty, "it came before the end was settled")
            }
        }
    }

    @Test func `the same instance of two upstreams is two runs`() async throws {
        try await WorkingEngine.with { host in
            let one = try await Self.ledger(host, upstream: "one")
            let two = try await Self.ledger(host, upstream: "two")
            let first = try await Self.take(one, Self.request("i", upstream: "one"))
            let second = try await Self.take(two, Self.request("i", upstream: "two"))
            #expect(first.id != second.id)
            var ends = (one.ends.makeAsyncIterator(), two.ends.makeAsyncIterator())
            #expect(await ends.0.next()?.run.id == first.id)
            #expect(await ends.1.next()?.run.id == second.id)
            let left = try await host.engine.owed()
            #expect(left == ["one": 1, "two": 1])
        }
    }

    @Test func `what was silenced is cancelled, never told of, and may come anew at once`() async throws {
        try await WorkingEngine.with { host in
            let ledger = try await Self.ledger(host)
            let run = try await Self.take(ledger, Self.request("i", "basic/wait"))
            try await host.running(run.id)
            await ledger.silence("i", reason: "stopped by the server")
            let again = try await Self.take(ledger, Self.request("i"))
            var ends = ledger.ends.makeAsyncIterator()
            #expect(await ends.next()?.run.id == again.id, "the end of the silenced run was told")
            #expect(try await host.engine.waitForEnd(of: run.id).state == .cancelled)
            try await eventually("nothing is owed for what was silenced") {
                try await host.engine.owed(to: "cluster").map(\.run) == [again.id] ? true : nil
            }
        }
    }

    @Test func `what is silenced after its end was heard is not told, and gone`() async throws {
        try await WorkingEngine.with { host in
            let ledger = try await Self.ledger(host)
            let run = try await Self.take(ledger, Self.request("i"))
            _ = try await host.engine.waitForEnd(of: run.id)
            try await eventually("the end is heard") { await ledger.open.isEmpty ? true : nil }
            await ledger.silence("i")
            #expect(try await host.engine.owed(to: "cluster").isEmpty)
            let again = try await Self.take(ledger, Self.request("i"))
            var ends = ledger.ends.makeAsyncIterator()
            #expect(await ends.next()?.run.id == again.id)
        }
    }

    @Test func `large outputs are read when they are wanted, in their order`() async throws {
        let home = WorkingEngine.temporaryHome()
        defer { try? FileManager.default.removeItem(at: home) }
        let params = Array("{\"x\":\"\(String(repeating: "x", count: 1 << 19))\"}".utf8)
        try await WorkingEngine.with(home: home) { host in
            let ledger = try await Self.ledger(host)
            for number in 0..<40 {
                var request = try Self.request("\(number)")
                request.params = params
                _ = try await host.engine.waitForEnd(of: Self.take(ledger, request).id)
            }
        }
        try await WorkingEngine.with(home: home) { host in
            let ledger = try await Self.ledger(host)
            #expect(await ledger.open.isEmpty)
            #expect(await ledger.figures(now: .now).owed == 40)
            #expect(await ledger.owesEnds())
            #expect(await ledger.owesEnds { $0.instance == "39" })
            #expect(await !ledger.owesEnds { $0.instance == "40" })
            for number in 0..<40 {
                let end = try #require(await ledger.takeEnd())
                #expect(end.dispatch.instance == "\(number)" && end.run.output == params)
                await ledger.settle([end.run.id])
            }
            #expect(await ledger.takeEnd() == nil)
            #expect(await !ledger.owesEnds())
        }
    }

    @Test func `the next host goes on where this one stopped`() async throws {
        let home = WorkingEngine.temporaryHome()
        defer { try? FileManager.default.removeItem(at: home) }
        let kept = Kept()
        try await WorkingEngine.with(home: home) { host in
            let ledger = try await Self.ledger(host)
            let ended = try await Self.take(ledger, Self.request("ended"))
            let settled = try await Self.take(ledger, Self.request("settled"))
            _ = try await host.engine.waitForEnd(of: ended.id)
            _ = try await host.engine.waitForEnd(of: settled.id)
            await ledger.settle([settled.id])
            let silenced = try await Self.take(ledger, Self.request("silenced", "basic/wait"))
            try await host.running(silenced.id)
            try await ledger.amend("ended", note: Array("{\"sent\":true}".utf8))
            // As if the host died right after the server said stop.
            try await host.engine.silence(silenced.id)
            await kept.set(ended: ended.id, silenced: silenced.id)
        }
        try await WorkingEngine.with(home: home) { host in
            let (ended, silenced) = await kept.runs
            let ledger = try await Self.ledger(host)
            var ends = ledger.ends.makeAsyncIterator()
            let told = try #require(await ends.next())
            #expect(told.run.id == ended && told.dispatch.note == Array("{\"sent\":true}".utf8))
            #expect(try await host.engine.waitForEnd(of: silenced).state == .cancelled)
            let last = try await Self.take(ledger, Self.request("last"))
            #expect(await ends.next()?.run.id == last.id)
        }
    }

    @Test func `a request that no component takes is refused and nothing is owed`() async throws {
        try await WorkingEngine.with { host in
            let ledger = try await Self.ledger(host)
            guard case .refused(.componentNotFound) = try await ledger.take(Self.request("a", "basic/nothing")),
                case .created = try await ledger.take(Self.request("b")),
                case .refused(.invalid) = try await ledger.take(Self.request(""))
            else {
                Issue.record("not refused")
                return
            }
            #expect(try await host.engine.owed(to: "cluster").map(\.dispatch.instance) == ["b"])
        }
    }

    @Test func `many takes at once lose no end`() async throws {
        try await WorkingEngine.with { host in
            let ledger = try await Self.ledger(host)
            try await withThrowingTaskGroup(of: Void.self) { group in
                for index in 0..<400 {
                    group.addTask { try await Self.take(ledger, Self.request("\(index)", "basic/noop")) }
                }
                try await group.waitForAll()
            }
            var told: Set<String> = []
            for await end in ledger.ends {
                #expect(told.insert(end.dispatch.instance).inserted, "told twice")
                await ledger.settle([end.run.id])
                if told.count == 400 { break }
            }
            #expect(try await host.engine.owed(to: "cluster").isEmpty)
        }
    }

    @Test func `a host that drains takes nothing more and still settles what has ended`() async throws {
        try await WorkingEngine.with { host in
            let ledger = try await Self.ledger(host)
            let ended = try await Self.take(ledger, Self.request("ended"))
            _ = try await host.engine.waitForEnd(of: ended.id)
            let running = try await Self.take(ledger, Self.request("running", "basic/wait"))
            try await host.running(running.id)
            await host.engine.drain()
            await #expect(throws: EngineError.stopping) { try await ledger.take(Self.request("late")) }
            await ledger.settle([ended.id])
            // It was interrupted, and the next host goes on with it.
            #expect(try await host.engine.owed(to: "cluster").map(\.run) == [running.id])
            #expect(try await host.engine.run(running.id).state == .pending)
        }
    }

    private actor Kept {
        var runs: (ended: RunID, silenced: RunID) = (0, 0)

        func set(ended: RunID, silenced: RunID) { runs = (ended, silenced) }
    }
}
