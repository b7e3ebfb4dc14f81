import CLinux
import Glibc
import JobModel
import TestSupport
import Testing

@testable import GuestPool

/// What becomes of descriptors that a plugin sends along its guest's connection to the host.
struct SentDescriptorTests {
    @Test func `A descriptor is a violation where the kernel lets it be sent`() async throws {
        try await PoolFixture.with(lacks: Self.before616) { fixture in
            let end = try await fixture.end(of: try await Self.order(1, fixture))
            #expect(end.outcome == .crashed(.protocolViolation), "\(end)")
            #expect(end.message?.contains("sent a descriptor") == true, "\(end.message ?? "")")
        }
    }

    @Test func `Where the kernel refuses descriptors, the plugin cannot send one`() async throws {
        guard try Self.kernelRefuses() else { return }
        try await PoolFixture.with { fixture in
            let end = try await fixture.end(of: try await Self.order(1, fixture))
            #expect(end.outcome == .failed(retryable: false), "\(end)")
            #expect(end.message?.contains("Operation not permitted") == true, "\(end.message ?? "")")
        }
    }

    /// The close takes five minutes, or until the listener is gone; a wait for an end has patience for one.
    @Test func `A socket that lingers keeps no other guest waiting`() async throws {
        let listener = try DeafListener()
        defer { listener.leave() }
        try await PoolFixture.with(lacks: Self.before616) { fixture in
            let order = try await Self.order(1, fixture, grants: .network, params: Array("\(listener.port)".utf8))
            let first = try await fixture.end(of: order)
            #expect(first.outcome == .crashed(.protocolViolation), "\(first)")
            #expect(listener.hasConnection)
            let second = try await fixture.end(of: fixture.order(2, "noop", slot: 1))
            #expect(second.outcome == .succeeded, "\(second)")
        }
    }

    private static func kernelRefuses() throws -> Bool {
        let pair = try StreamPair()
        defer { for end in [pair.sender, pair.receiver] { close(end) } }
        return berth_refuse_descriptors(pair.receiver) == 0
    }

    private static let before616 = KernelLacks(refusedDescriptors: true)

    private static func order(
        _ run: RunID, _ fixture: PoolFixture, grants: Grants = [], params: [UInt8] = Array("{}".utf8)
    ) async throws -> AttemptOrder {
        let spec = try fixture.spec("hostile", grants: grants)
        guard case .loaded(let descriptor, _) = await fixture.pool.probe(spec, deadline: .seconds(60)) else {
            throw FixtureError.notCompiled("hostile")
        }
        let component = try #require(descriptor.components.firstIndex { $0.id == "descriptor-for-the-host" })
        return AttemptOrder(
            key: AttemptKey(run: run, number: 1), slot: 0, spec: fixture.pool.intern(spec),
            component: UInt32(component), rootRun: run, params: params, limit: .seconds(60))
    }
}
