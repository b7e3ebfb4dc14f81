import Foundation
import GuestPool
import JobModel
import JobStore
import TestSupport
import Testing

@testable import JobEngine

/// Guests that are ready before anything is to run, from the operator's words to the process.
@Suite(.serialized) struct WarmGuestTests {
    private static var settings: [String: PluginSettings] {
        var settings = PluginSettings(limits: AttemptLimits(openFiles: 61))
        settings.keeping.minimum = 1
        settings.keeping.maximum = 2
        return ["basic": settings]
    }

    @Test func `the first attempt is served by the guest that was ready, and the operator's limits held there before`()
        async throws
    {
        try await RealHost.with(settings: Self.settings) { host in
            let ready = try await eventually("a guest has its limits") { try host.guests(withOpenFiles: 61).first }
            let run = try await host.enqueue("basic/noop")
            #expect(try await host.engine.waitForEnd(of: run.id).state == .succeeded)
            #expect(try await host.store.attempts(of: run.id).map(\.end.guest) == [ready])
        }
    }
}

extension RealHost {
    /// Children of this process that may have so many files open.
    fileprivate func guests(withOpenFiles limit: Int) throws -> [Int32] {
        try FileManager.default.contentsOfDirectory(atPath: "/proc").compactMap { name in
            guard let pid = Int32(name), let stat = try? String(contentsOfFile: "/proc/\(name)/stat", encoding: .utf8),
                let end = stat.lastIndex(of: ")"),
                stat[end...].split(separator: " ").dropFirst(2).first == "\(getpid())",
                let limits = try? String(contentsOfFile: "/proc/\(name)/limits", encoding: .utf8),
                let line = limits.split(separator: "\n").first(where: { $0.hasPrefix("Max open files") })
            else { return nil }
            return line.split(separator: " ").dropFirst(3).first == "\(limit)" ? pid : nil
        }
    }
}
