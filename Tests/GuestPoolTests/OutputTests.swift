import Foundation
import JobModel
import Testing
import TestSupport

@testable import GuestPool

@Suite(.serialized) struct OutputTests {
    @Test func `Printed lines belong to the attempt that printed them, sent ahead or not`() async throws {
        try await PoolFixture.with { fixture in
            let runs = RunID(1)...20
            fixture.run(try runs.map { try fixture.order($0, "prints", params: Array("\($0)".utf8)) })
            try await fixture.events.waitForAll(runs)
            for run in runs {
                #expect(fixture.events.lines(of: run, .stdout) == ["out \(run)", "rest \(run)"])
                #expect(fixture.events.lines(of: run, .stderr) == ["err \(run)"])
                #expect(try await fixture.events.end(of: run).printed)
            }
        }
    }

    @Test func `Log calls become lines with level and fields`() async throws {
        try await PoolFixture.with { fixture in
            let end = try await fixture.end(of: fixture.order(1, "logs"))
            #expect(!end.printed)
            #expect(fixture.events.lines(of: 1, .log) == ["hello key=value"])
        }
    }

    @Test func `Lines that come one by one do not wake the host for each of them`() async throws {
        try await PoolFixture.with { fixture in
            _ = try await fixture.end(of: fixture.order(1, "noop"))
            let before = try poolWakeUps()
            let end = try await fixture.end(of: fixture.order(2, "print-steadily"))
            let wakeUps = try poolWakeUps() - before
            #expect(end.outcome == .succeeded)
            // Two in a millisecond: one for the first line that waits, one to read what came since.
            let milliseconds = Int((end.finishedAt - end.startedAt).microseconds / 1000)
            #expect(wakeUps < milliseconds * 4 + 100, "\(wakeUps) in \(milliseconds) ms")
        }
    }

    /// How often the threads of pools have slept in this process.
    private func poolWakeUps() throws -> Int {
        try FileManager.default.contentsOfDirectory(atPath: "/proc/self/task").reduce(0) { sum, task in
            let folder = "/proc/self/task/\(task)"
            guard (try? String(contentsOfFile: "\(folder)/comm", encoding: .utf8)) == "berth-guests\n",
                let status = try? String(contentsOfFile: "\(folder)/status", encoding: .utf8),
                let line = status.split(separator: "\n").first(where: { $0.hasPrefix("voluntary_ctxt_switches:") })
            else { return sum }
            return sum + (line.split(separator: "\t").last.flatMap { Int($0) } ?? 0)
        }
    }

    @Test(arguments: ["print-flood", "log-flood"])
    func `A flood is cut short and counted, and other guests go on meanwhile`(component: String) async throws {
        try await PoolFixture.with { fixture in
            fixture.run([try fixture.order(1, component, slot: 0)])
            for run in RunID(2)...20 {
                let end = try await fixture.end(of: fixture.order(run, "noop", of: "basic", slot: 1))
                #expect(end.outcome == .succeeded)
            }
            #expect(try await fixture.events.end(of: 1).outcome == .succeeded)
            let dropped = fixture.events.lines(of: 1, .log).filter { $0.hasSuffix("lines dropped") }
            #expect(!dropped.isEmpty)
            #expect(fixture.events.all.count < 50_000)
        }
    }
}
