import Foundation
import JobModel
import Logging
import Testing
import TestSupport

@testable import GuestPool

@Suite(.serialized) struct ProbeTests {
    @Test func `A probe reads the descriptor and says what the sandbox is`() async throws {
        try await PoolFixture.with { fixture in
            let result = await fixture.pool.probe(try fixture.spec("basic"), deadline: .seconds(10))
            guard case .loaded(let descriptor, let sandbox) = result else {
                Issue.record("\(result)")
                return
            }
            #expect(descriptor.id == "basic")
            #expect(descriptor.version == "1.0.0")
            #expect(descriptor.vendor == "berth tests")
            #expect(descriptor.components.map(\.id) == ["echo", "noop", "wait"])
            #expect(descriptor.components.last?.flags == .cooperative)
            #expect(sandbox.inForce.contains([.noNewPrivileges, .callFilter]))
        }
    }

    /// A guest that ends at once says all in one go: HELLO with its listener, why it ends, and that it is gone.
    @Test(arguments: [SandboxRules.none, .standard, .strict]) func `A sandbox can be tried out`(
        sandbox: SandboxRules
    ) async throws {
        try await PoolFixture.with { fixture in
            for grants in [[], .subprocess, [.network, .subprocess]] as [Grants] {
                for _ in 0..<10 {
                    let report = try await fixture.pool.tryOut(sandbox, grants: grants)
                    let always: SandboxFeatures = [.noNewPrivileges, .callFilter]
                    #expect(report.inForce.contains(sandbox.features.intersection(always)))
                }
            }
        }
    }

    @Test(arguments: [
        ("constructor-crash", ProbeFailure.Stage.crashed, "crashed while loading: SIGSEGV"),
        ("constructor-hang", .timedOut, "did not finish loading within 300 ms"), ("no-entry", .entry, ""),
        ("bad-descriptor", .descriptor, ""),
        (
            "constructor-forge", .violation,
            "broke the protocol: end of call 18446744073709551615, which does not run"
        ),
        ("constructor-threads", .crashed, "stopped at its processes limit of 64"),
    ])
    func `A probe says at which stage and why a library cannot be used`(
        plugin: String, stage: ProbeFailure.Stage, message: String
    ) async throws {
        try await PoolFixture.with { fixture in
            let deadline: Duration = stage == .timedOut ? .milliseconds(300) : .seconds(10)
            let spec = try fixture.spec(plugin, limits: GuestLimits(processes: 64))
            let result = await fixture.pool.probe(spec, deadline: deadline)
            guard case .failed(let failure) = result else {
                Issue.record("\(result)")
                return
            }
            #expect(failure.stage == stage, "\(failure.message)")
            #expect(!failure.message.isEmpty)
            if !message.isEmpty { #expect(failure.message == message) }
        }
    }

    @Test func `A text named like a library is refused with the loader's words`() async throws {
        try await PoolFixture.with { fixture in
            let folder = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString)
            try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
            let file = folder.appendingPathComponent("text.so")
            try Data("not a library".utf8).write(to: file)
            let result = await fixture.pool.probe(GuestSpec(library: file.path, digest: "d"), deadline: .seconds(10))
            guard case .failed(let failure) = result else {
                Issue.record("\(result)")
                return
            }
            #expect(failure.stage == .open)
            try FileManager.default.removeItem(at: folder)
        }
    }

    @Test func `An order whose plugin cannot be loaded fails with the loader's words`() async throws {
        try await PoolFixture.with { fixture in
            let spec = fixture.pool.intern(try fixture.spec("no-entry"))
            let orders = (1...3).map { number in
                AttemptOrder(
                    key: AttemptKey(run: RunID(number), number: 1), slot: 0, spec: spec, component: 0,
                    rootRun: RunID(number), params: [], limit: nil)
            }
            fixture.run(orders)
            try await fixture.events.waitForAll(1...3)
            #expect(try await fixture.events.end(of: 1).outcome == .crashed(.loadFailed))
            #expect(fixture.events.neverStarted() == [2, 3])
        }
    }

    @Test func `A guest program that is not there is named`() throws {
        let configuration = GuestPool.Configuration(program: "/nowhere/berth-guest", scratch: "/tmp/none", marker: "m")
        #expect(
            throws: GuestPoolError.programMissing(path: "/nowhere/berth-guest", reason: "No such file or directory")
        ) {
            try GuestPool(configuration: configuration, logger: .init(label: "test"))
        }
    }
}
