import Foundation
import JobModel
import TestSupport
import Testing

@testable import GuestPool

/// A process that SIGKILL does not end: here one that is frozen, where this machine lets us freeze one.
@Suite(.serialized, .enabled(if: Freezer.isThere)) struct UnkillableTests {
    @Test func `A guest that cannot be killed is reported, left alone, and reaped when it ends after all`() async throws
    {
        try await PoolFixture.with(patience: .milliseconds(300)) { fixture in
            fixture.run([try fixture.order(1, "wait-deaf", limit: .milliseconds(400), grace: .milliseconds(50))])
            let guest = try await eventually("it runs") { await fixture.pool.progress().first?.guest }
            let freezer = try Freezer(guest)
            defer { freezer.remove() }
            let end = try await fixture.events.end(of: 1)
            #expect(end.outcome == .crashed(.unkillable))
            #expect(end.evidence?.steps.last?.kind == .unkillable)
            #expect(try await fixture.end(of: fixture.order(2, "noop")).outcome == .succeeded)
            freezer.thaw()
            try await eventually("it is reaped") {
                FileManager.default.fileExists(atPath: "/proc/\(guest)") ? nil : true
            }
        }
    }
}
