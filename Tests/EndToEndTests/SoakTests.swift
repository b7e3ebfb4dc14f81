import Foundation
import TestSupport
import Testing

/// One host under attack, again and again. `make soak MINUTES=60` goes on for as long; `make test` looks once.
@Suite(.serialized) struct SoakTests {
    @Test func `A host under every attack at once serves on and keeps nothing of it`() async throws {
        let minutes = ProcessInfo.processInfo.environment["BERTH_SOAK_MINUTES"].flatMap(Double.init) ?? 0
        let home = temporaryFolder("soak")
        defer { try? FileManager.default.removeItem(at: home) }
        let plugins = try HostileRound.prepare(home: home)
        let host = try await RunningHost.start(home: home, plugins: plugins, options: ["--log-level", "error"])
        let soak: Soak
        do {
            soak = try await Soak.go(on: host, minutes: minutes)
        } catch {
            say("the host: \(host.printed.suffix(2000))")
            host.kill()
            throw error
        }
        #expect(try await host.stop() == 0)
        #expect(HostHealth.leftovers(of: home) == 0)
        let scratch = home.appendingPathComponent("scratch").path
        #expect(try FileManager.default.contentsOfDirectory(atPath: scratch) == [])
        #expect(soak.faults.isEmpty, "\(soak.faults.joined(separator: "\n"))")
        if minutes > 0 { say("SOAK \(soak.figures)") }
    }
}

/// What a soak has seen so far.
private struct Soak {
    private let host: RunningHost
    private let escapes: HostileEscapes
    private let reloaded: ReloadedPlugin
    private var tally = AttackTally()
    private var rounds = 0
    private var first: HostHealth?
    private var last: HostHealth?
    /// Said once: the rest of the hour is worth having all the same.
    private var hasGrown = false
    private let began = ContinuousClock.now

    var faults: [String] { tally.faults }

    /// Rounds after which caches are full and memory is compared with.
    private static let warmUp = 5

    /// Bytes that a host may keep of a round: files it had never seen, and some three hundred runs.
    private static let remembered = 256 << 10

    static func go(on host: RunningHost, minutes: Double) async throws -> Soak {
        var soak = try await Soak(host)
        let end = soak.began + .seconds(minutes * 60)
        repeat { try await soak.round() } while ContinuousClock.now < end && soak.faults.count < 20
        let neighbour = try await soak.escapes.end()
        if neighbour.state != "cancelled" { soak.tally.fault("the neighbour ended as \(neighbour.words)") }
        return soak
    }

    private init(_ host: RunningHost) async throws {
        self.host = host
        escapes = try await HostileEscapes(host)
        reloaded = try ReloadedPlugin(host)
        try await reloaded.begin()
    }

    /// All at once: the attacks, files that are dropped, another version of a plugin, and ordinary runs.
    private mutating func round() async throws {
        rounds += 1
        let (number, reloaded) = (rounds, reloaded)
        let files = HostileFiles(host: host)
        async let dropped = files.drop(round: number)
        async let replaced = reloaded.reload(round: number)
        var round = HostileRound(host)
        try await round.run(HostAttack.cases + HostAttack.shared + escapes.attacks())
        for seen in [round.tally, try await dropped, try await replaced] { tally.add(seen, "round \(rounds): ") }
        for damage in try await escapes.damage() { tally.fault("round \(rounds): \(damage)") }
        let health = try await settled()
        if rounds <= Self.warmUp { first = health }
        last = health
        compare(health)
        if rounds.isMultiple(of: 25) { say("SOAK \(figures)") }
    }

    /// The host's state once what was ended is gone: its guests are reaped and their folders removed beside its work.
    private func settled() async throws -> HostHealth {
        do {
            return try await eventually("the host holds nothing of those that ended", within: .seconds(60)) {
                let health = HostHealth(of: host)
                return health.holdsNothing ? health : nil
            }
        } catch {
            return HostHealth(of: host)
        }
    }

    private mutating func compare(_ health: HostHealth) {
        if !health.holdsNothing { tally.fault("round \(rounds): \(health)") }
        guard let first, rounds > Self.warmUp else { return }
        if health.memory > first.memory * 2 + (64 << 20) + rounds * Self.remembered, !hasGrown {
            hasGrown = true
            tally.fault("round \(rounds): memory grew from \(first.memory >> 10) KiB to \(health.memory >> 10) KiB")
        }
        if health.descriptors - health.guests * HostHealth.descriptorsOfGuest
            > first.descriptors - first.guests * HostHealth.descriptorsOfGuest + 16
        {
            tally.fault("round \(rounds): descriptors grew from \(first) to \(health)")
        }
    }

    var figures: String {
        let seconds = (ContinuousClock.now - began).components.seconds
        return """
            \(rounds) rounds in \(seconds) s: \(tally.words); memory \((first?.memory ?? 0) >> 10) KiB -> \
            \((last?.memory ?? 0) >> 10) KiB, descriptors \(first?.descriptors ?? 0) -> \(last?.descriptors ?? 0), \
            guests \(last?.guests ?? 0), zombies \(last?.zombies ?? 0), orphans \(last?.orphans ?? 0), \
            scratch folders \(last?.scratchFolders ?? 0), faults \(faults.count)
            """
    }
}

extension HostHealth {
    /// Process, socket, two pipes, page and folder.
    fileprivate static let descriptorsOfGuest = 6

    fileprivate var holdsNothing: Bool { zombies == 0 && orphans == 0 && scratchFolders == guests }
}
