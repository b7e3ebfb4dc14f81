import Foundation
import TestSupport
import Testing

/// kill -9 of a host whose jobs are due all the time: each planned instant has one run, or is in one row of those that
/// were passed over.
struct ScheduleKillTests {
    private struct Page: Decodable {
        var runs: [Fire]
        var next: Int64?
    }

    private struct Fire: Decodable {
        struct Passed: Decodable {
            var from: String
            var to: String
            var count: Int
        }

        var id: Int64
        var state: String
        var fireAt: String?
        var passedOver: Passed?
    }

    private static let step = 50

    @Test func `no planned instant is lost and none has two runs`() async throws {
        let home = temporaryFolder()
        let first = try await RunningHost.start(home: home)
        let file = home.appendingPathComponent("jobs.yaml")
        try Data(
            """
            jobs:
              - {name: tick, component: chaos/noop, every: \(Self.step)ms, overlap: allow, missed: all(20)}
              - {name: queue, component: chaos/noop, every: \(Self.step)ms, overlap: queue(3), missed: all(20)}
            """.utf8
        ).write(to: file)
        let applied = try await first.berth("job", "apply", "-f", file.path)
        #expect(applied.status == 0, "\(applied.errors)")
        var host = first
        for life in 1...3 {
            try await eventually("life \(life) fired") {
                try await fires(of: "tick", on: host).count { $0.state == "succeeded" } >= life * 10 ? true : nil
            }
            host.kill()
            host = try await RunningHost.start(home: home)
        }
        for job in ["tick", "queue"] { #expect(try await host.berth("job", "pause", job).status == 0) }
        try await eventually("everything has ended") {
            let open = try await host.get("/api/v1/runs?state=pending,running,held&limit=1", as: Page.self).value
            return open.runs.isEmpty ? true : nil
        }
        for job in ["tick", "queue"] { try check(try await fires(of: job, on: host), job) }
        try await host.stop()
    }

    private func fires(of job: String, on host: RunningHost) async throws -> [Fire] {
        var fires: [Fire] = []
        var before = ""
        while true {
            let page = try await host.get("/api/v1/runs?job=\(job)&limit=1000\(before)", as: Page.self).value
            fires += page.runs
            guard let next = page.next else { return fires }
            before = "&before=\(next)"
        }
    }

    /// Every instant of the grid from the first to the last is there once.
    private func check(_ fires: [Fire], _ job: String) throws {
        var instants: [Int] = []
        for fire in fires {
            if let at = fire.fireAt { instants.append(try milliseconds(at)) }
            guard let passed = fire.passedOver else { continue }
            let (from, to) = (try milliseconds(passed.from), try milliseconds(passed.to))
            #expect((to - from) / Self.step + 1 == passed.count)
            instants += stride(from: from, through: to, by: Self.step)
        }
        instants.sort()
        let first = try #require(instants.first)
        let grid = Array(stride(from: first, through: instants.last ?? first, by: Self.step))
        #expect(instants == grid, "\(job): \(instants.count) instants of \(grid.count)")
        #expect(fires.filter { $0.fireAt != nil }.allSatisfy { ["succeeded", "skipped"].contains($0.state) })
    }

    private func milliseconds(_ text: String) throws -> Int {
        let whole = text.prefix { $0 != "." && $0 != "Z" }
        let date = try Date("\(whole)Z", strategy: .iso8601)
        let fraction = text.contains(".") ? text.drop { $0 != "." }.dropFirst().prefix { $0 != "Z" } : ""
        let digits = (fraction + "000").prefix(3)
        return Int(date.timeIntervalSince1970) * 1000 + (Int(digits) ?? 0)
    }
}
