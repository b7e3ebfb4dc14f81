import Foundation
import Synchronization
import TestSupport
import Testing

/// Puts a host under load, kills it, and remembers on disk what the host acknowledged. Its verdict rests only on those
/// acknowledgements, on what the API announced, and on the effects that the runs themselves left in a file.
final class KillDriver: Sendable {
    struct Report: CustomStringConvertible {
        var kills = 0
        var acknowledged = 0
        var lost: [Int64] = []
        var withoutEffect: [String] = []
        var effectsAfterSuccess: [String] = []
        var states: [String: Int] = [:]

        var description: String {
            "\(kills) kills, \(acknowledged) acknowledged, \(lost.count) lost, \(withoutEffect.count) without effect, "
                + "\(effectsAfterSuccess.count) with effects after success, ends: \(states)"
        }
    }

    private struct State {
        var random: SplitMix
        var next = 0
        var kills = 0
        var acknowledged: [Int64: String] = [:]
        /// Effects seen at the moment the API first said `succeeded`.
        var announced: [Int64: Int] = [:]
    }

    private let home = temporaryFolder("kill")
    private let effects: URL
    private let ledger: FileHandle
    private let state: Mutex<State>

    init(seed: UInt64) throws {
        try FileManager.default.createDirectory(at: home, withIntermediateDirectories: true)
        effects = home.appendingPathComponent("effects.log")
        try Data().write(to: effects)
        let file = home.appendingPathComponent("acknowledged.log")
        try Data().write(to: file)
        ledger = try FileHandle(forWritingTo: file)
        state = Mutex(State(random: SplitMix(state: seed)))
    }

    /// One life of a host: starts it, loads it from eight clients, and kills it at a random moment.
    func loadAndKill() async throws {
        let host = try await RunningHost.start(home: home.appendingPathComponent("host"))
        let milliseconds = state.withLock { state in
            state.kills += 1
            return Int64(state.random.next() % 900) + 100
        }
        let end = ContinuousClock.now + .milliseconds(milliseconds)
        await withTaskGroup(of: Void.self) { tasks in
            for _ in 0..<8 {
                tasks.addTask { while ContinuousClock.now < end { await self.enqueueOne(host) } }
            }
            tasks.addTask { while ContinuousClock.now < end { await self.observe(host) } }
            tasks.addTask {
                while ContinuousClock.now < end { await Task.yield() }
                host.kill()
            }
        }
    }

    /// A last life in which everything may come to its end.
    func settle() async throws {
        try await RunningHost.with(home: home.appendingPathComponent("host")) { host in
            try await eventually("every acknowledged run has ended", within: .seconds(180)) {
                await observe(host)
                let open = try await host.get("/api/v1/runs?state=pending,running,held&limit=1", as: Page.self).value
                return open.runs.isEmpty ? true : nil
            }
            for id in state.withLock({ Array($0.acknowledged.keys) }) { await observe(host, id) }
            try await collectStates(host)
        }
    }

    func verdict() async throws -> Report {
        let counts = try effectCounts()
        return state.withLock { state in
            var report = Report(kills: state.kills, acknowledged: state.acknowledged.count)
            for (id, key) in state.acknowledged {
                let end = ends.withLock { $0[id] }
                guard let end else {
                    report.lost.append(id)
                    continue
                }
                report.states[end, default: 0] += 1
                guard !key.isEmpty else { continue }
                let seen = counts[key, default: 0]
                if end == "succeeded" && seen == 0 { report.withoutEffect.append(key) }
                if let before = state.announced[id], seen > before { report.effectsAfterSuccess.append(key) }
            }
            return report
        }
    }

    private let ends = Mutex<[Int64: String]>([:])

    private func collectStates(_ host: RunningHost) async throws {
        for id in state.withLock({ Array($0.acknowledged.keys) }) {
            let response = try? await host.get("/api/v1/runs/\(id)", as: RunView.self)
            guard let run = response?.value, run.hasEnded else { continue }  // shows up as lost
            ends.withLock { $0[id] = run.state }
        }
    }

    /// The host may die in the middle of any of these: only a 201 that arrived counts.
    private func enqueueOne(_ host: RunningHost) async {
        let (key, body) = state.withLock { state in
            state.next += 1
            return Self.request(number: state.next, dice: state.random.next() % 10, effects: effects.path)
        }
        guard let response = try? await host.post("/api/v1/runs", body, as: RunView.self), response.status == 201 else {
            return
        }
        acknowledge(response.value.id, key: key)
    }

    private func acknowledge(_ id: Int64, key: String) {
        state.withLock { state in
            ledger.write(Data("\(id) \(key)\n".utf8))
            try? ledger.synchronize()  // an unsynced ledger only makes the check weaker
            state.acknowledged[id] = key
        }
    }

    /// An empty key: the run leaves no effect of its own (it crashes or runs a program).
    private static func request(number: Int, dice: UInt64, effects: String) -> (key: String, body: String) {
        let access = "\"access\": {\"write\": [\"\(effects)\"]}"
        switch dice {
        case 0:
            return ("", "{\"component\": \"chaos/segfault\", \"retry\": {\"attempts\": 1}}")
        case 1:
            let key = "command-\(number)"
            let script = "{\"program\": \"/bin/sh\", \"args\": [\"-c\", \"echo \(key) >> \(effects)\"]}"
            return (key, "{\"component\": \"command/command\", \"params\": \(script), \(access)}")
        case 2:
            return ("", "{\"component\": \"chaos/sleep\", \"params\": {\"seconds\": 0.05}}")
        default:
            let key = "effect-\(number)"
            let params = "{\"path\": \"\(effects)\", \"line\": \"\(key)\"}"
            return (key, "{\"component\": \"chaos/effect\", \"params\": \(params), \(access)}")
        }
    }

    /// Notes for newly succeeded runs how many effects they had when that was announced.
    private func observe(_ host: RunningHost) async {
        let path = "/api/v1/runs?state=succeeded&limit=100"
        guard let page = try? await host.get(path, as: Page.self).value else { return }
        note(page.runs.map(\.id))
    }

    private func observe(_ host: RunningHost, _ id: Int64) async {
        let run = try? await host.get("/api/v1/runs/\(id)", as: RunView.self).value
        if run?.state == "succeeded" { note([id]) }
    }

    private func note(_ succeeded: [Int64]) {
        guard let counts = try? effectCounts() else { return }
        state.withLock { state in
            for id in succeeded where state.announced[id] == nil {
                guard let key = state.acknowledged[id], !key.isEmpty else { continue }
                state.announced[id] = counts[key, default: 0]
            }
        }
    }

    /// The first word of each line is the key of the run that wrote it.
    private func effectCounts() throws -> [String: Int] {
        let lines = try String(contentsOf: effects, encoding: .utf8).split(separator: "\n")
        return lines.reduce(into: [:]) { counts, line in
            guard let key = line.split(separator: " ").first else { return }
            counts[String(key), default: 0] += 1
        }
    }

    private struct Page: Decodable {
        var runs: [RunView]
    }
}

/// Steele, Lea and Flood's SplitMix64: the same numbers for the same seed.
struct SplitMix: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xbf58_476d_1ce4_e5b9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
        return mixed ^ (mixed >> 31)
    }
}
