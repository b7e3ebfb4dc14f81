import Foundation
import TestSupport
import Testing

/// Every hostile case on one host, with ordinary runs beside it, and what became of them.
struct HostileRound {
    let host: RunningHost
    private(set) var outcomes: [String: Int] = [:]
    private(set) var ordinary = 0
    /// What was not as it has to be.
    private(set) var faults: [String] = []

    /// As many ordinary runs as hostile ones, and some.
    private static let ordinaryRuns = 100

    init(_ host: RunningHost) {
        self.host = host
    }

    /// A folder with the hostile plugins and the project's own, and the operator's word about them.
    static func prepare(home: URL) throws -> URL {
        let plugins = home.appendingPathComponent("plugins")
        try FileManager.default.createDirectory(at: plugins, withIntermediateDirectories: true)
        for plugin in Set(HostileCase.all.map(\.plugin)) {
            try copy(FixturePlugin.library(plugin), plugins.appendingPathComponent("\(plugin).so"))
        }
        let own = RunningHost.projectPlugins
        try copy(own.appendingPathComponent("chaos.so"), plugins.appendingPathComponent("chaos.so"))
        let words = """
            plugins:
              hostile: {grants: [subprocess], limits: {processes: 512}, quarantine: false}
              misbehave: {quarantine: false}

            """
        try Data(words.utf8).write(to: home.appendingPathComponent("berth.yaml"))
        return plugins
    }

    private static func copy(_ file: URL, _ target: URL) throws {
        try Data(contentsOf: file).write(to: target)
    }

    mutating func run() async throws {
        let attacks = try await enqueue(HostileCase.all.map(\.request))
        let others = try await enqueue(
            Array(repeating: "{\"component\": \"chaos/noop\", \"timeout\": \"none\"}", count: Self.ordinaryRuns))
        for (attack, run) in zip(HostileCase.all, attacks) { judge(attack, try await end(of: run)) }
        for run in others {
            let view = try await end(of: run)
            if view.state == "succeeded" { ordinary += 1 } else { faults.append("ordinary run \(run): \(view.words)") }
        }
    }

    /// Files that crash or hang as they are loaded, each time with bytes the host has not seen: they are refused, and the
    /// plugins beside them stay.
    mutating func dropFiles(round: Int) async throws {
        for (fixture, reason) in [("constructor-crash", "SIGSEGV"), ("constructor-hang", "did not finish loading")] {
            let name = "\(fixture)-\(round).so"
            let file = host.plugins.appendingPathComponent(name)
            let bytes = try Data(contentsOf: FixturePlugin.library(fixture)) + Data("\(round)".utf8)
            try bytes.write(to: file, options: .atomic)
            let said = try await eventually("\(name) is judged") { try await refusal(of: name) }
            if !said.contains(reason) { faults.append("\(name): \(said)") }
            try FileManager.default.removeItem(at: file)
        }
    }

    private func refusal(of name: String) async throws -> String? {
        let list = try await host.get("/api/v1/plugins", as: Plugins.self).value
        return list.plugins.first { $0.path.hasSuffix("/\(name)") && $0.state == "rejected" }.map { $0.reason ?? "" }
    }

    private struct Plugins: Decodable {
        struct Entry: Decodable {
            var path: String
            var state: String
            var reason: String?
        }
        var plugins: [Entry]
    }

    private func enqueue(_ requests: [String]) async throws -> [Int64] {
        let body = "[\(requests.joined(separator: ","))]"
        let batch = try await host.post("/api/v1/runs", body, as: Batch.self).value
        guard batch.refused == 0 else { throw HostFailure("\(batch.refused) requests were refused") }
        return batch.results.compactMap(\.id)
    }

    private func end(of run: Int64) async throws -> EndedRun {
        let deadline = ContinuousClock.now + .seconds(120)
        while true {
            let view = try await host.get("/api/v1/runs/\(run)/wait?timeout=60s", as: EndedRun.self).value
            if view.isOver || ContinuousClock.now > deadline { return view }
        }
    }

    private mutating func judge(_ attack: HostileCase, _ view: EndedRun) {
        let ending = [view.outcome, view.detail].compactMap(\.self).joined(separator: " ")
        outcomes[ending, default: 0] += 1
        let isRight =
            attack.ends.contains(ending) && (attack.says.isEmpty || view.reason?.contains(attack.says) == true)
        if !isRight { faults.append("\(attack): \(view.words)") }
    }

    private struct Batch: Decodable {
        struct Entry: Decodable { var id: Int64? }
        var refused: Int
        var results: [Entry]
    }

    private struct EndedRun: Decodable {
        var state: String
        var outcome: String?
        var detail: String?
        var reason: String?

        var isOver: Bool { !["pending", "running"].contains(state) }
        var words: String { [state, outcome, detail, reason].compactMap(\.self).joined(separator: ", ") }
    }
}

extension HostileCase {
    /// As the API takes it.
    fileprivate var request: String {
        var limits: [String] = []
        func add(_ name: String, _ value: (some CustomStringConvertible)?) {
            if let value { limits.append("\"\(name)\": \(value)") }
        }
        add("memory", memory)
        add("file_size", fileSize)
        add("scratch", scratch)
        add("open_files", openFiles)
        add("processes", processes)
        add("output", output)
        add("log", log)
        if let cpu { limits.append("\"cpu\": \"\(cpu.milliseconds)ms\"") }
        return """
            {"component": "\(plugin)/\(component)", "timeout": "\(timeout.milliseconds)ms", \
            "grace": "\(grace.milliseconds)ms", "retry": {"attempts": 1, "crashes": 1}, \
            "limits": {\(limits.joined(separator: ", "))}}
            """
    }
}

extension Duration {
    fileprivate var milliseconds: Int64 { components.seconds * 1000 + components.attoseconds / 1_000_000_000_000_000 }
}
