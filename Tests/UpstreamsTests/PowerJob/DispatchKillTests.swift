import Foundation
import JobModel
import TestSupport
import Testing

/// kill -9 of the real host between every two steps of a dispatch: each instance comes to its right end at the server, once,
/// or twice where the server took the end and the host did not live to know.
@Suite(.serialized) struct DispatchKillTests {
    private let server: StandInServer
    private let berth: RealBerth
    private static let instance = PowerJobWorld.instance

    init() async throws {
        server = try await StandInServer(isStrict: false)
        berth = try RealBerth(server: server)
    }

    /// The next life brings the instance to its end; the one after it has nothing more to say.
    private func endsOnce(_ reports: Int = 1, _ status: Int64 = 5, isTaken: Bool = false) async throws {
        let life = try await berth.live()
        try await ends(life, reports, status, isTaken: isTaken)
    }

    /// `isTaken`: the server took every one of the reports.
    private func ends(
        _ life: RealBerth.Life, _ reports: Int = 1, _ status: Int64 = 5, isTaken: Bool = false
    ) async throws {
        let end = try await server.end(of: Self.instance, count: reports)
        #expect(end["instanceStatus"]?.integer == status, "\(end)")
        try await settled()
        #expect(try await life.stop() == 0)
        let last = try await berth.live()
        try await settled()
        #expect(try await last.stop() == 0)
        #expect(server.finals(of: Self.instance).count == reports)
        #expect(server.states.status(of: Self.instance)?.rawValue == status)
        // Whoever did not live to hear that the end was taken tells it again.
        let again = StandInStates.Fault.endedAgain(Self.instance, was: .succeeded, is: .succeeded)
        #expect(server.states.faults == Array(repeating: again, count: isTaken ? reports - 1 : 0))
        #expect(try await berth.berth("doctor").text.contains("broken") == false)
        await server.close()
    }

    /// Nothing is owed to the server any more.
    private func settled() async throws {
        try await eventually("nothing is owed") {
            try await berth.berth("upstream", "show", "cluster")["owed"]?.integer == 0 ? true : nil
        }
    }

    @Test func `before the dispatch is on disk`() async throws {
        let library = try FixturePlugin.library("faults", flags: ["-ldl"])
        let control = berth.home.appendingPathComponent("control")
        try Data(repeating: 0, count: 4096).write(to: control)
        let life = try await berth.live(["LD_PRELOAD": library.path, "BERTH_FAULTS": control.path])
        try set(control, "b")
        let unanswered = Task { [berth] in try await berth.dispatch(Self.instance, params: "1000") }
        try await eventually("the host waits for its disk") {
            try Data(contentsOf: control)[1] == UInt8(ascii: "b") ? true : nil
        }
        life.kill()
        await #expect(throws: (any Error).self) { try await unanswered.value }
        let next = try await berth.live()
        // The server hears nothing of it, and dispatches it again.
        #expect(try await berth.dispatch(Self.instance, params: "1000") == 200)
        try await ends(next)
    }

    private func set(_ control: URL, _ fault: Character) throws {
        let file = try FileHandle(forUpdating: control)
        try file.write(contentsOf: Data([fault.asciiValue ?? 0]))
        try file.close()
    }

    @Test func `after the dispatch was acknowledged, before it starts`() async throws {
        let life = try await berth.live()
        try await berth.berth("queue", "pause", "default")
        #expect(try await berth.dispatch(Self.instance) == 200)
        life.kill()
        let next = try await berth.live()
        try await berth.berth("queue", "resume", "default")
        try await ends(next)
    }

    @Test func `while it runs`() async throws {
        let life = try await berth.live()
        #expect(try await berth.dispatch(Self.instance, params: "1000") == 200)
        try await eventually("the server hears that it runs") { server.reports(of: Self.instance).first }
        life.kill()
        try await endsOnce()
    }

    @Test func `after its end, which the server did not take`() async throws {
        let life = try await berth.live()
        server.script("/server/reportInstanceStatus") { _ in StandInPort.Answer(status: 500) }
        #expect(try await berth.dispatch(Self.instance) == 200)
        try await server.end(of: Self.instance)
        life.kill()
        let inVain = server.finals(of: Self.instance).count
        server.script("/server/reportInstanceStatus", nil)
        try await endsOnce(inVain + 1)
    }

    @Test func `after the server took the end, before the host knew`() async throws {
        let life = try await berth.live()
        server.script("/server/reportInstanceStatus") { [server] call in
            if call.message["instanceStatus"]?.integer == 5, server.finals(of: Self.instance).count == 1 { life.kill() }
            return nil
        }
        #expect(try await berth.dispatch(Self.instance) == 200)
        try await server.end(of: Self.instance)
        try await eventually("the host is gone") { kill(life.pid, 0) == 0 ? nil : true }
        // Told again, as it may have been lost; the server drops what it knows.
        try await endsOnce(2, isTaken: true)
    }

    @Test func `after a stop was acknowledged`() async throws {
        let life = try await berth.live()
        #expect(try await berth.dispatch(Self.instance, params: "600000") == 200)
        try await eventually("the server hears that it runs") { server.reports(of: Self.instance).first }
        #expect(try await berth.stop(Self.instance) == 200)
        life.kill()
        let before = server.reports(of: Self.instance).count
        let next = try await berth.live()
        try await eventually("its run is cancelled") {
            try await berth.berth("runs", "show", "last")["state"]?.string == "cancelled" ? true : nil
        }
        try await settled()
        #expect(try await next.stop() == 0)
        #expect(server.reports(of: Self.instance).count == before, "a stopped instance is never reported")
        #expect(server.states.status(of: Self.instance) == .stopped && server.states.faults.isEmpty)
        await server.close()
    }

    @Test func `at any moment, under load`() async throws {
        var random = SplitMix(state: 20_261_121)
        let instances = (0..<120).map { Self.instance + Int64($0) }
        var dispatched: [Int64: Int] = [:]
        let kills = 5
        for _ in 0..<kills {
            let life = try await berth.live()
            let some = instances.filter { server.finals(of: $0).isEmpty }.prefix(40)
            for instance in some { dispatched[instance, default: 0] += 1 }
            try await burden(life, some, killedAt: Int(random.next() % 40))
        }
        let life = try await berth.live()
        for _ in 0..<10 {
            try await settled()
            // What it believes open and hears nothing of the server dispatches again.
            let open = instances.filter { server.states.status(of: $0)?.isEnd != true }
            if open.isEmpty { break }
            for instance in open {
                dispatched[instance, default: 0] += 1
                #expect(try await berth.dispatch(instance) == 200)
            }
        }
        #expect(try await life.stop() == 0)
        for instance in instances {
            let finals = server.finals(of: instance)
            #expect(finals.allSatisfy { $0["instanceStatus"]?.integer == 5 }, "\(finals)")
            // One for each dispatch, and one for each host that did not live to know that it was taken.
            #expect(finals.count <= dispatched[instance, default: 0] + kills, "\(instance): \(finals.count)")
            #expect(server.states.status(of: instance) == .succeeded)
        }
        for fault in server.states.faults {
            switch fault {
            case .endedAgain(_, .succeeded, .succeeded): break
            // Dispatched again while its end was on its way.
            case .revived(let instance, .succeeded) where dispatched[instance, default: 0] > 1: break
            default: Issue.record("\(fault)")
            }
        }
        #expect(try await berth.berth("doctor").text.contains("broken") == false)
        await server.close()
    }

    /// Dispatches instances to a host that is killed when so many reports have come, or all dispatches are answered.
    private func burden(
        _ life: RealBerth.Life, _ instances: ArraySlice<Int64>, killedAt count: Int
    ) async throws {
        let reports = "/server/reportInstanceStatus"
        let most = server.calls(reports).count + count
        server.script(reports) { [server] _ in
            if server.calls(reports).count >= most { life.kill() }
            return nil
        }
        defer { server.script(reports, nil) }
        await withTaskGroup(of: Void.self) { group in
            for instance in instances {
                group.addTask { [berth] in
                    // Whether it was taken before the end is what nobody knows.
                    _ = try? await berth.dispatch(instance, params: "\(instance % 60)")
                }
            }
        }
        life.kill()
    }

    private struct SplitMix: RandomNumberGenerator {
        var state: UInt64

        mutating func next() -> UInt64 {
            state &+= 0x9E37_79B9_7F4A_7C15
            var z = state
            z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
            z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
            return z ^ (z >> 31)
        }
    }
}
