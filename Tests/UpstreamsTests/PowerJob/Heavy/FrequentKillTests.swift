import Foundation
import JobModel
import TestSupport
import Testing

/// kill -9 of the real host while an instance is launched again and again.
@Suite(.serialized) struct FrequentKillTests {
    private static let instance = PowerJobCluster.instance

    @Test func `each launch counts once, no number is given twice, and never do two run at once`() async throws {
        let server = try await StandInServer(isStrict: false)
        let berth = try RealBerth(server: server)
        var life = try await berth.live()
        let frequent: KeyValuePairs<String, JSONValue> = ["timeExpressionType": "FIXED_DELAY", "timeExpression": "50"]
        #expect(try await berth.dispatch(Self.instance, params: "40", with: frequent) == 200)
        for _ in 0..<4 {
            let before = Self.ended(server)
            try await eventually("more launches") { Self.ended(server) > before + 2 ? true : nil }
            life.kill()
            life = try await berth.live()
        }
        let before = Self.ended(server)
        try await eventually("the last host launches too") { Self.ended(server) > before + 2 ? true : nil }
        #expect(try await berth.stop(Self.instance) == 200)
        try await eventually("nothing is owed") {
            try await berth.berth("upstream", "show", "cluster")["owed"]?.integer == 0 ? true : nil
        }
        try await check(try await Self.launches(berth), server)
        #expect(try await berth.berth("doctor").text.contains("broken") == false)
        #expect(try await life.stop() == 0)
        await server.close()
    }

    private func check(_ launches: [(number: Int64, run: JSONValue)], _ server: StandInServer) async throws {
        #expect(launches.count > 8 && Set(launches.map(\.number)).count == launches.count)
        let succeeded = launches.filter { $0.run["state"] == "succeeded" }
        // The one that ran when the instance was stopped.
        #expect(succeeded.count >= launches.count - 1)
        for (one, next) in zip(launches, launches.dropFirst()) {
            let ended = try #require(one.run["finished_at"]?.string),
                made = try #require(next.run["created_at"]?.string)
            let end = try #require(Instant(rfc3339: ended)), start = try #require(Instant(rfc3339: made))
            #expect(end <= start)
        }
        let reports = server.reports(of: Self.instance)
        #expect(
            reports.allSatisfy { $0["instanceStatus"] == 3 && $0["needAlert"] == false && $0["failedTaskNum"] == 0 })
        let counts = reports.compactMap { $0["succeedTaskNum"]?.integer }
        #expect(counts == counts.sorted() && (counts.last ?? 0) <= Int64(succeeded.count))
        #expect((counts.last ?? 0) + 10 > Int64(succeeded.count), "what was counted once stays counted")
    }

    private static func ended(_ server: StandInServer) -> Int64 {
        server.reports(of: instance).last?["succeedTaskNum"]?.integer ?? 0
    }

    /// By their numbers.
    private static func launches(_ berth: RealBerth) async throws -> [(number: Int64, run: JSONValue)] {
        let list = try await berth.berth("runs", "list", "--limit", "1000")
        return (list["runs"]?.array ?? []).compactMap { run in
            let parts = (run["instance"]?.string ?? "").split(separator: ".")
            return parts.count == 2 ? (Int64(parts[1]) ?? 0, run) : nil
        }.sorted { $0.number < $1.number }
    }
}
