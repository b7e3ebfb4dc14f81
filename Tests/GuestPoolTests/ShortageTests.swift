import Foundation
import JobModel
import TestSupport
import Testing

@testable import GuestPool

/// Guests for which the machine has too little of what every guest needs.
struct ShortageTests {
    @Test func `A guest that finds no thread says nothing about its plugin`() async throws {
        let reason = "pthread_create failed: Resource temporarily unavailable"
        try await PoolFixture.with(program: Self.threadlessGuest()) { fixture in
            fixture.run([try fixture.order(1, "noop")])
            try await fixture.events.wait { $0.contains { if case .noProcess(reason) = $0 { true } else { false } } }
            #expect(fixture.events.neverStarted() == [1])
            #expect(fixture.events.ended().isEmpty)
            let result = await fixture.pool.probe(try fixture.spec("basic"), deadline: .seconds(60))
            guard case .failed(let failure) = result else {
                Issue.record("\(result)")
                return
            }
            #expect(failure.isCircumstance && failure.message == reason)
        }
    }

    /// The real guest program, for which every thread is one too many.
    private static func threadlessGuest() throws -> String {
        let library = try FixturePlugin.library("threadless").path
        let guest = Checkout.products.appendingPathComponent("berth-guest").path
        let flags = ["-DLIBRARY=\"\(library)\"", "-DGUEST=\"\(guest)\""]
        return try FixturePlugin.program("threadless", flags: flags).path
    }
}
