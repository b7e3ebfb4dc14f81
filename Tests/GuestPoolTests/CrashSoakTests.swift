import Foundation
import JobModel
import Testing
import TestSupport

@testable import GuestPool

/// Guests that come to every kind of bad end, again and again: none may leave anything behind. `make endings` makes ten
/// thousand of each kind, `make test` a few.
@Suite(.serialized) struct CrashSoakTests {
    struct Ending: CustomTestStringConvertible, Sendable {
        var plugin = "misbehave"
        /// Its first one where none is named.
        var component = ""
        var outcomes: Set<Outcome>
        var params = "{}"
        var grants: Grants = []
        var sandbox = SandboxRules.standard
        var limits = GuestLimits()
        var limit = Duration.seconds(60)
        var cpu: Duration?
        /// At the same time.
        var together = 20

        var testDescription: String { "\(plugin)/\(component) \(outcomes.map(\.word))" }

        static func hostile(
            _ component: String, _ outcomes: Outcome..., grants: Grants = [], cpu: Duration? = nil,
            limits change: (inout GuestLimits) -> Void = { _ in }
        ) -> Ending {
            var ending = Ending(plugin: "hostile", component: component, outcomes: Set(outcomes), grants: grants)
            change(&ending.limits)
            ending.cpu = cpu
            return ending
        }

        /// Two of them keep a machine busy: what is looked for here is not how it bears twenty.
        static func bomb(_ component: String, grants: Grants = []) -> Ending {
            var ending = hostile(component, .crashed(.processLimit), grants: grants) { $0.processes = 16 }
            ending.together = 2
            return ending
        }
    }

    static let count = ProcessInfo.processInfo.environment["BERTH_ENDINGS"].flatMap { Int($0) } ?? 20

    static let endings = [
        Ending(component: "segv", outcomes: [.crashed(.memoryFault)]),
        Ending(component: "abort", outcomes: [.crashed(.abort)]),
        Ending(component: "exit", outcomes: [.crashed(.calledExit)]),
        Ending(component: "divide", outcomes: [.crashed(.arithmetic)]),
        Ending(component: "trap", outcomes: [.crashed(.runtimeTrap)]),
        Ending(component: "write-garbage", outcomes: [.crashed(.protocolViolation)]),
        Ending(component: "spin", outcomes: [.timedOut], limit: .milliseconds(20)),
        Ending(component: "wait-deaf", outcomes: [.timedOut], limit: .milliseconds(20)),
        Ending(component: "segv", outcomes: [.crashed(.memoryFault)], grants: [.subprocess]),
        .hostile("memory-hog", .crashed(.outOfMemory)) { $0.memoryBytes = 16 << 20 },
        .hostile("processor-hog", .timedOut, cpu: .milliseconds(20)),
        .hostile("file-hog", .crashed(.fileLimit)) { $0.fileBytes = 64 << 10 },
        .hostile("scratch-hog", .crashed(.scratchLimit)) { $0.scratchBytes = 1 << 20 },
        .bomb("thread-bomb"),
        .bomb("program-bomb", grants: [.subprocess]),
        .hostile("close-the-socket", .crashed(.protocolLost), .crashed(.calledExit)),
        .hostile("kill-self", .crashed(.killedExternally)),
        .hostile("orphan", .crashed(.abort), grants: [.subprocess]),
        Ending(plugin: "escapes", component: "keys", outcomes: [.crashed(.sandboxDenied)], sandbox: .strict),
        Ending(plugin: "constructor-crash", outcomes: [.crashed(.loadFailed)]),
        Ending(plugin: "no-entry", outcomes: [.crashed(.loadFailed)]),
        Ending(plugin: "bad-descriptor", outcomes: [.crashed(.loadFailed)]),
        Ending(
            plugin: "concurrent", outcomes: [.crashed(.memoryFault), .interrupted(.sharedCrash)],
            params: "{\"segv\":1}"),
    ]

    @Test(arguments: endings)
    func `Guests that end badly leave no process, descriptor or folder behind`(ending: Ending) async throws {
        // Compiled first, which opens and closes descriptors of its own.
        _ = try FixturePlugin.library(ending.plugin)
        let before = try descriptorCount()
        try await PoolFixture.with { fixture in
            var guests: Set<Int32> = []
            for start in stride(from: 0, to: Self.count, by: ending.together) {
                let runs = (start..<min(start + ending.together, Self.count)).map { RunID($0 + 1) }
                fixture.run(try runs.map { try fixture.order($0, ending) })
                for run in runs {
                    let end = try await fixture.events.end(of: run)
                    #expect(ending.outcomes.contains(end.outcome), "\(end.outcome) \(end.message ?? "")")
                    guests.insert(end.guest)
                }
                fixture.events.forget()
            }
            #expect(try zombies().isDisjoint(with: guests))
            await fixture.pool.stop()
            #expect(GuestPool.sweep(marker: fixture.marker) == 0)
            #expect(try FileManager.default.contentsOfDirectory(atPath: fixture.scratch).isEmpty)
            #expect(fixture.controlGroups == [])
        }
        // What the guests had last is still closing. Some descriptors are opened once in the life of this process.
        try await eventually("descriptors are closed") { try descriptorCount() <= before + Self.once ? true : nil }
    }

    /// A leak in every fifth guest is more, even of the few of `make test`.
    private static let once = 3

    @Test func `The death of a guest is heard as it happens`() async throws {
        try await PoolFixture.with { fixture in
            var delays: [Duration] = []
            for run in 1...RunID(min(Self.count, 1000)) {
                var order = try fixture.order(run, "wait", of: "basic")
                order.limit = nil
                fixture.run([order])
                let guest = try await eventually("it runs") { await fixture.pool.progress().first?.guest }
                let killed = ContinuousClock.now
                kill(guest, SIGKILL)
                let end = try await fixture.events.end(of: run)
                fixture.events.forget()
                delays.append(.now - killed)
                #expect(end.outcome == .crashed(.killedExternally))
            }
            delays.sort()
            let figures =
                "p50 \(delays[delays.count / 2]), p99 \(delays[delays.count * 99 / 100]), most \(delays[delays.count - 1])"
            print("from SIGKILL to the end of \(delays.count) attempts: \(figures)")
        }
    }

    private func descriptorCount() throws -> Int {
        try FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd").count
    }

    /// Children of this process that have ended and were not reaped, those of other tests among them.
    private func zombies() throws -> Set<Int32> {
        Set(
            try FileManager.default.contentsOfDirectory(atPath: "/proc").compactMap { name in
                guard let pid = Int32(name),
                    let stat = try? String(contentsOfFile: "/proc/\(name)/stat", encoding: .utf8),
                    let end = stat.lastIndex(of: ")")
                else { return nil }
                let fields = stat[end...].split(separator: " ")
                return fields.count > 2 && fields[1] == "Z" && fields[2] == "\(getpid())" ? pid : nil
            })
    }
}

extension PoolFixture {
    /// In one of twenty slots.
    fileprivate func order(_ run: RunID, _ ending: CrashSoakTests.Ending) throws -> AttemptOrder {
        let spec = GuestSpec(
            library: try FixturePlugin.library(ending.plugin).path, digest: "digest of \(ending.plugin)",
            sandbox: ending.sandbox, grants: ending.grants, limits: ending.limits)
        let index = try FixturePlugin.components(ending.plugin).firstIndex(of: ending.component)
        guard let index = ending.component.isEmpty ? 0 : index else { throw FixtureError.notCompiled(ending.component) }
        var order = AttemptOrder(
            key: AttemptKey(run: run, number: 1), slot: Int32(run % 20), spec: pool.intern(spec),
            component: UInt32(index), rootRun: run, params: Array(ending.params.utf8), limit: ending.limit, grace: .zero
        )
        order.cpuLimit = ending.cpu
        order.sharing = ending.plugin == "concurrent" ? 4 : 1
        return order
    }
}
