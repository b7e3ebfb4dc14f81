import Foundation

/// What one client asks of a host, one thing after the other, chosen by a seed.
struct CrashLoad {
    let oracle: CrashOracle
    /// Of the file the runs write to.
    let account: String
    private var random: SplitMix

    init(oracle: CrashOracle, account: String, seed: UInt64) {
        self.oracle = oracle
        self.account = account
        random = SplitMix(state: seed)
    }

    /// Until the host is gone. Only what was answered counts.
    mutating func go(_ wire: HostWire) {
        while (try? step(wire)) != nil {}
    }

    private mutating func step(_ wire: HostWire) throws {
        switch random.next() % 100 {
        case ..<28: try one(wire, "", .plain)
        case ..<38: try one(wire, ", \"tags\": [\"often\"]", .plain)
        case ..<41: try followed(wire)
        case ..<45: try one(wire, ", \"in\": \"\(random.next() % 80)ms\"", .plain)
        case ..<53: try one(wire, ", \"unique\": \"key-\(random.next() % 10)\"", .plain)
        case ..<59: try bulk(wire)
        case ..<63: try stepped(wire)
        case ..<70: try family(wire)
        case ..<77: try rough(wire, "\"fail\": \(random.next() % 5)")
        case ..<79: try rough(wire, "\"crash\": \(1 + random.next() % 4)")
        case ..<86: try cancel(wire)
        case ..<91: try retry(wire)
        case ..<94: try pauseOrResume(wire)
        case ..<96: try pauseOrResumeMany(wire)
        default: try observe(wire)
        }
    }

    private func body(_ component: String, _ params: String = "", _ rest: String = "") -> String {
        "{\"component\": \"ledger/\(component)\", \"params\": {\"path\": \"\(account)\", \"key\": \"k\"\(params)}, "
            + "\"access\": {\"write\": [\"\(account)\"]}, \"retry\": {\"attempts\": 3, \"delay\": \"1ms\"}\(rest)}"
    }

    private struct Made: Decodable {
        var id: Int64
    }

    private func one(_ wire: HostWire, _ rest: String, _ kind: CrashOracle.Kind) throws {
        try made(wire, body("append", "", rest), kind)
    }

    private func rough(_ wire: HostWire, _ how: String) throws {
        try made(wire, body("append", ", \(how)"), .rough)
    }

    /// Between two runs that do the same as it does.
    private func stepped(_ wire: HostWire) throws {
        let step =
            "{\"component\": \"ledger/append\", \"params\": {\"path\": \"\(account)\", \"key\": \"s\"}, "
            + "\"access\": {\"write\": [\"\(account)\"]}}"
        try made(wire, body("append", "", ", \"pre_step\": \(step), \"post_step\": \(step)"), .stepped)
    }

    private func followed(_ wire: HostWire) throws {
        let next =
            "{\"component\": \"ledger/append\", \"params\": {\"path\": \"\(account)\", \"key\": \"f\"}, "
            + "\"access\": {\"write\": [\"\(account)\"]}}"
        try made(wire, body("append", "", ", \"on_success\": \(next)"), .followed)
    }

    private mutating func family(_ wire: HostWire) throws {
        let parts = 1 + Int(random.next() % 6)
        try made(wire, body("family", ", \"parts\": \(parts)"), .family(parts: parts))
    }

    private func made(_ wire: HostWire, _ body: String, _ kind: CrashOracle.Kind) throws {
        let answer = try wire.ask("POST", "/runs", body)
        guard answer.status == 201 || answer.status == 200 else { return }
        oracle.acknowledged(try answer.json(Made.self).id, kind)
    }

    private struct Batch: Decodable {
        var results: [Result]

        struct Result: Decodable {
            var id: Int64?
        }
    }

    private mutating func bulk(_ wire: HostWire) throws {
        let lines = (0..<(1 + random.next() % 30)).map { _ in body("append") }.joined(separator: "\n")
        let answer = try wire.ask("POST", "/runs", lines, type: "application/x-ndjson")
        guard answer.status == 201 else { return }
        for id in try answer.json(Batch.self).results.compactMap(\.id) { oracle.acknowledged(id, .plain) }
    }

    private mutating func cancel(_ wire: HostWire) throws {
        guard let id = oracle.any(random.next()) else { return }
        oracle.willCancel(id)
        let answer = try wire.ask("POST", "/runs/\(id)/cancel", "{}")
        guard answer.status == 200, try answer.json(CrashRun.self).state == "cancelled" else { return }
        oracle.cancelled(id)
    }

    private mutating func retry(_ wire: HostWire) throws {
        guard let id = oracle.any(random.next()) else { return }
        oracle.willRetry(id)
        _ = try wire.ask("POST", "/runs/\(id)/retry", "{}")
    }

    private mutating func pauseOrResume(_ wire: HostWire) throws {
        guard let id = oracle.any(random.next()) else { return }
        _ = try wire.ask("POST", "/runs/\(id)/\(random.next() % 3 == 0 ? "pause" : "resume")", "{}")
    }

    private mutating func pauseOrResumeMany(_ wire: HostWire) throws {
        let isPause = random.next() % 3 == 0
        _ = try wire.ask("POST", "/runs/\(isPause ? "pause" : "resume")", "{\"filter\": \"tag:often\"}")
    }

    private func observe(_ wire: HostWire) throws {
        let answer = try wire.ask("GET", "/runs?state=succeeded&limit=100")
        for run in try answer.json(CrashRun.Page.self).runs { oracle.succeeded(run.id, starts: run.starts) }
    }
}
