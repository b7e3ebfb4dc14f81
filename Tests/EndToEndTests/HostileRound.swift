import Foundation
import TestSupport
import Testing

/// Attacks on one host, all at once, with ordinary runs beside them, and what became of them.
struct HostileRound {
    let host: RunningHost
    private(set) var tally = AttackTally()
    var faults: [String] { tally.faults }

    /// About as many ordinary runs as hostile ones.
    static let ordinaryRuns = 100

    init(_ host: RunningHost) {
        self.host = host
    }

    /// A folder with the hostile plugins and the project's own, and the operator's word about them.
    static func prepare(home: URL) throws -> URL {
        let plugins = home.appendingPathComponent("plugins")
        try FileManager.default.createDirectory(at: plugins, withIntermediateDirectories: true)
        for plugin in Set(HostileCase.all.map(\.plugin)).union(["concurrent", "escapes"]) {
            try copy(FixturePlugin.library(plugin), plugins.appendingPathComponent("\(plugin).so"))
        }
        let granted = try Escapes.library(id: "granted", flags: "BERTH_FLAG_NETWORK | BERTH_FLAG_SUBPROCESS")
        try copy(granted, plugins.appendingPathComponent("granted.so"))
        try copy(Escapes.library(id: "fenced"), plugins.appendingPathComponent("fenced.so"))
        let own = RunningHost.projectPlugins
        try copy(own.appendingPathComponent("chaos.so"), plugins.appendingPathComponent("chaos.so"))
        let words = """
            plugins:
              hostile: {grants: [subprocess], limits: {processes: 512}, quarantine: false}
              misbehave: {quarantine: false}
              hostile-throw: {quarantine: false}
              concurrent: {quarantine: false}
              escapes: {quarantine: false}
              granted: {grants: [network, subprocess], quarantine: false}
              fenced: {sandbox: strict, quarantine: false}

            """
        try Data(words.utf8).write(to: home.appendingPathComponent("berth.yaml"))
        return plugins
    }

    private static func copy(_ file: URL, _ target: URL) throws {
        try Data(contentsOf: file).write(to: target)
    }

    mutating func run(_ attacks: [HostAttack] = HostAttack.cases) async throws {
        let hostile = try await host.enqueue(attacks.map(\.request))
        let others = try await host.enqueue(
            Array(repeating: "{\"component\": \"chaos/noop\", \"timeout\": \"none\"}", count: Self.ordinaryRuns))
        for (attack, run) in zip(attacks, hostile) { judge(attack, try await host.end(of: run)) }
        for run in others {
            let view = try await host.end(of: run)
            if view.state == "succeeded" {
                tally.countOrdinary()
            } else {
                tally.fault("ordinary run \(run): \(view.words)")
            }
        }
    }

    private mutating func judge(_ attack: HostAttack, _ run: EndedRun) {
        tally.count(attack.family, attack.name, run.ending)
        if !attack.isRight(run) { tally.fault("\(attack.family): \(attack.name): \(run.words)") }
    }
}

extension RunningHost {
    /// All of them, or none is taken.
    func enqueue(_ requests: [String]) async throws -> [Int64] {
        let body = "[\(requests.joined(separator: ","))]"
        let batch = try await post("/api/v1/runs", body, as: Batch.self).value
        guard batch.refused == 0 else { throw HostFailure("\(batch.refused) requests were refused") }
        return batch.results.compactMap(\.id)
    }

    /// Waits for two minutes; what it is then.
    func end(of run: Int64) async throws -> EndedRun {
        let deadline = ContinuousClock.now + .seconds(120)
        while true {
            let view = try await get("/api/v1/runs/\(run)/wait?timeout=60s", as: EndedRun.self).value
            if view.isOver || ContinuousClock.now > deadline { return view }
        }
    }
}

private struct Batch: Decodable {
    struct Entry: Decodable { var id: Int64? }
    var refused: Int
    var results: [Entry]
}
