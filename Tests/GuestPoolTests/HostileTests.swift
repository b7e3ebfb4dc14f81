import Foundation
import JobModel
import TestSupport
import Testing

@testable import GuestPool

/// Everything a plugin may do to a guest, each in a guest of its own, all at once, and what is left of it.
@Suite(.serialized) struct HostileTests {
    @Test(arguments: EscapeTests.kernels)
    func `Each attack ends as the table says and leaves nothing behind`(lacks: KernelLacks) async throws {
        for plugin in Set(HostileCase.all.map(\.plugin)) { _ = try FixturePlugin.library(plugin) }
        let before = Leftovers.now()
        try await PoolFixture.with(lacks: lacks) { fixture in
            let names = try await Self.componentNames(fixture)
            for (index, attack) in HostileCase.all.enumerated() {
                fixture.run([try attack.order(RunID(index + 1), fixture, names)])
            }
            for (index, attack) in HostileCase.all.enumerated() {
                let end = try await fixture.events.end(of: RunID(index + 1))
                attack.judge(end)
                let lines = fixture.events.lines(of: RunID(index + 1), .log)
                #expect(!attack.losesLines || lines.contains { $0.contains(" lines dropped") }, "\(attack)")
            }
            #expect(try await fixture.end(of: fixture.order(1000, "noop")).outcome == .succeeded)
            await fixture.pool.stop()
            #expect(GuestPool.sweep(marker: fixture.marker) == 0)
            #expect(try FileManager.default.contentsOfDirectory(atPath: fixture.scratch) == [])
            #expect(fixture.controlGroups == [])
        }
        #expect(Leftovers.now().children == before.children)
        try await eventually("descriptors are closed") {
            Leftovers.now().descriptors <= before.descriptors ? true : nil
        }
    }

    @Test func `Where there is no process namespace, programs are counted and end with their guest all the same`()
        async throws
    {
        let before = Leftovers.now()
        try await PoolFixture.with(lacks: .processNamespaces) { fixture in
            let names = try await Self.componentNames(fixture)
            // Who sent a signal is told in a namespace alone.
            let attacks = HostileCase.all.filter { $0.startsPrograms && $0.component != "terminate-self" }
            for (index, attack) in attacks.enumerated() {
                fixture.run([try attack.order(RunID(index + 1), fixture, names)])
            }
            for (index, attack) in attacks.enumerated() {
                attack.judge(try await fixture.events.end(of: RunID(index + 1)))
            }
            let hidden = try #require(attacks.firstIndex { $0.component == "hidden-orphan" })
            let said = try #require(fixture.events.lines(of: RunID(hidden + 1), .log).first)
            let orphan = try #require(Int32(said.dropFirst("orphan ".count)))
            await fixture.pool.stop()
            #expect(kill(orphan, 0) == -1 && errno == ESRCH)
            #expect(GuestPool.sweep(marker: fixture.marker) == 0)
            #expect(try FileManager.default.contentsOfDirectory(atPath: fixture.scratch) == [])
        }
        #expect(Leftovers.now().children == before.children)
    }

    @Test(arguments: ["emit-after-the-end", "leave-threads", "page-scribbler", "folder-hog"])
    func `What an attempt leaves running or lying about does not reach the next one in its guest`(
        component: String
    ) async throws {
        try await PoolFixture.with { fixture in
            let names = try await Self.componentNames(fixture)
            let attack = try #require(HostileCase.all.first { $0.component == component })
            let first = try await fixture.end(of: attack.order(1, fixture, names))
            let second = try await fixture.end(of: attack.order(2, fixture, names))
            #expect(first.outcome == .succeeded && second.outcome == .succeeded, "\(first) \(second)")
            #expect(first.output.isEmpty && second.output.isEmpty)
        }
    }

    @Test(arguments: ["memory-hog-after-the-end", "processor-hog-after-the-end", "ended-programs"])
    func `A guest in which something goes on after the end, or is left, is not kept`(component: String) async throws {
        try await PoolFixture.with { fixture in
            let names = try await Self.componentNames(fixture)
            let attack = try #require(HostileCase.all.first { $0.component == component })
            let end = try await fixture.end(of: attack.order(1, fixture, names))
            #expect(end.outcome == .succeeded, "\(end)")
            try await eventually("its guest is gone") { kill(end.guest, 0) == 0 ? nil : true }
            #expect(try await fixture.end(of: fixture.order(2, "noop")).outcome == .succeeded)
        }
    }

    @Test func `A plugin that took all descriptors gets a new guest`() async throws {
        try await PoolFixture.with { fixture in
            let names = try await Self.componentNames(fixture)
            let attack = try #require(HostileCase.all.first { $0.component == "descriptor-hoarder" })
            let first = try await fixture.end(of: attack.order(1, fixture, names))
            let second = try await fixture.end(of: attack.order(2, fixture, names))
            #expect(first.guest != second.guest)
            #expect(first.evidence?.limit == "open files 64")
        }
    }

    @Test func `Descriptors that a plugin has on their way keep no other guest from starting`() async throws {
        try await PoolFixture.with { fixture in
            let names = try await Self.componentNames(fixture)
            let attack = try #require(HostileCase.all.first { $0.component == "descriptors-on-their-way" })
            let first = try await fixture.end(of: attack.order(1, fixture, names))
            #expect(first.outcome == .succeeded, "\(first)")
            let second = try await fixture.end(of: fixture.order(2, "noop"))
            #expect(second.outcome == .succeeded, "\(second)")
            #expect(kill(first.guest, 0) == 0)
        }
    }

    @Test func `An exception that leaves the plugin ends its guest`() async throws {
        let library = try FixturePlugin.library("hostile-throw").path
        try await PoolFixture.with { fixture in
            let order = AttemptOrder(
                key: AttemptKey(run: 1, number: 1), slot: 0,
                spec: fixture.pool.intern(GuestSpec(library: library, digest: library)), component: 0, rootRun: 1,
                params: Array("{}".utf8), limit: .seconds(20))
            let end = try await fixture.end(of: order)
            #expect(end.outcome == .crashed(.abort), "\(end.message ?? "")")
        }
    }

    private static func componentNames(_ fixture: PoolFixture) async throws -> [String: [String]] {
        var names: [String: [String]] = [:]
        for plugin in Set(HostileCase.all.map(\.plugin)) {
            guard
                case .loaded(let descriptor, _) = await fixture.pool.probe(
                    try fixture.spec(plugin), deadline: .seconds(60))
            else { throw FixtureError.notCompiled(plugin) }
            names[plugin] = descriptor.components.map(\.id)
        }
        return names
    }
}

extension HostileCase {
    fileprivate func order(
        _ run: RunID, _ fixture: PoolFixture, _ names: [String: [String]]
    ) throws -> AttemptOrder {
        let component = try #require(names[plugin]?.firstIndex(of: component), "\(self)")
        var limits = GuestLimits()
        limits.memoryBytes = memory ?? limits.memoryBytes
        limits.fileBytes = fileSize ?? limits.fileBytes
        limits.scratchBytes = scratch ?? limits.scratchBytes
        limits.openFiles = openFiles ?? limits.openFiles
        limits.processes = processes ?? limits.processes
        let spec = try fixture.spec(plugin, grants: startsPrograms ? [.subprocess] : [], limits: limits)
        var order = AttemptOrder(
            key: AttemptKey(run: run, number: 1), slot: Int32(run), spec: fixture.pool.intern(spec),
            component: UInt32(component), rootRun: run, params: Array("{}".utf8), limit: timeout,
            stall: self.component == "silent" ? .milliseconds(150) : nil, grace: grace)
        order.cpuLimit = cpu
        order.outputLimit = output.map { UInt32($0) } ?? order.outputLimit
        order.logLimit = log ?? order.logLimit
        return order
    }

    fileprivate func judge(_ end: AttemptEnd) {
        let words = [end.outcome.word, end.outcome.detail].compactMap(\.self).joined(separator: " ")
        #expect(ends.contains(words), "\(self): \(words): \(end.message ?? "")")
        #expect(says.isEmpty || end.message?.contains(says) == true, "\(self): \(end.message ?? "no message")")
    }
}

/// What this process holds of others.
private struct Leftovers {
    var children: Int
    var descriptors: Int

    static func now() -> Leftovers {
        let children = (try? String(contentsOfFile: "/proc/self/task/\(getpid())/children", encoding: .utf8)) ?? ""
        let descriptors = (try? FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd").count) ?? 0
        return Leftovers(children: children.split(separator: " ").count, descriptors: descriptors)
    }
}
