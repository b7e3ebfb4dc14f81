import Foundation
import TestSupport

/// Every way out of the sandbox, tried on a host that serves, at its own doors and files and at another guest's folder.
struct HostileEscapes {
    let host: RunningHost
    /// A run that stays for as long as the host does, and a file in the scratch folder of its guest.
    private let neighbour: Int64
    private let secret: URL
    private let libraries: [String: URL]
    private let dropped: Data

    /// Words with which a plugin is kept in. A host does not listen for ever to a guest that asks for what is refused: after
    /// that the calls have no names.
    private static let refusals = [
        "the sandbox refused ", "Permission denied", "Operation not permitted", "Function not implemented",
    ]

    /// Begins the neighbour: nothing else may run yet.
    init(_ host: RunningHost) async throws {
        self.host = host
        neighbour = try await host.enqueue([
            #"{"component": "chaos/sleep", "params": {"seconds": 1000000}, "timeout": "none"}"#
        ])[0]
        let scratch = host.home.appendingPathComponent("scratch")
        secret = try await eventually("the neighbour has its folder") {
            let folders = try FileManager.default.contentsOfDirectory(at: scratch, includingPropertiesForKeys: nil)
            return folders.count == 1 ? folders[0].appendingPathComponent("secret") : nil
        }
        try Data("secret".utf8).write(to: secret)
        libraries = try await Self.staged(host)
        dropped = try Data(contentsOf: host.plugins.appendingPathComponent("escapes.so"))
    }

    private struct Plugins: Decodable {
        struct Entry: Decodable {
            var id: String?
            var digest: String?
        }
        var plugins: [Entry]
    }

    /// Where the host keeps what it runs of each plugin.
    private static func staged(_ host: RunningHost) async throws -> [String: URL] {
        let list = try await host.get("/api/v1/plugins", as: Plugins.self).value
        return list.plugins.reduce(into: [:]) { libraries, plugin in
            guard let id = plugin.id, let digest = plugin.digest else { return }
            libraries[id] = host.home.appendingPathComponent("staged/\(digest)/plugin.so")
        }
    }

    // MARK: The attacks

    func attacks() throws -> [HostAttack] {
        let names = try Escapes.names()
        var attacks = names.map { attack("ways out", $0) }
        #if arch(x86_64)
            attacks.append(attack("ways out", "old-door", ends: "crashed sandbox_denied", says: []))
        #endif
        return attacks + atFiles() + withGrants(names) + inStrict()
    }

    /// Files of the host, the plugin's own as it was dropped and as it is run, and another guest's.
    private func atFiles() -> [HostAttack] {
        let home = host.home
        let aims: [(family: String, file: URL, names: [String])] = [
            (
                "the home", home.appendingPathComponent("berth.db"),
                ["read-file", "write-file", "cut-file", "cut-by-reading", "remove-file", "rename-file"]
            ),
            ("the home", home.appendingPathComponent("berth.sock"), ["remove-file", "rename-file", "change-mode"]),
            ("the home", home, ["change-mode", "change-mode-2", "change-owner", "change-attribute", "change-times"]),
            (
                "its own file", libraries["escapes"] ?? home,
                ["write-file", "cut-file", "remove-file", "rename-file", "change-mode"]
            ),
            (
                "its own file", host.plugins.appendingPathComponent("escapes.so"),
                ["write-file", "cut-file", "cut-by-reading", "remove-file", "rename-file", "change-mode"]
            ),
            (
                "another's scratch", secret,
                ["read-file", "write-file", "cut-by-reading", "remove-file", "rename-file", "make-file"]
            ),
        ]
        return aims.flatMap { aim in
            aim.names.map { attack(aim.family, $0, file: aim.file, name: "\($0) \(aim.file.lastPathComponent)") }
        }
    }

    /// Whoever may start programs and use the network gets as far as that, and the host's port asks for a token.
    private func withGrants(_ names: [String]) -> [HostAttack] {
        let kept = [
            "ask-port", "kill-all", "outlive-host", "slow-host", "limit-host", "trace-host", "kill-host", "host-socket",
            "pair-elsewhere", "stream-elsewhere", "own-socket-elsewhere", "raw-socket", "packet-socket",
            "kernel-socket", "change-mode", "cut-file", "set-user", "new-users", "read-file", "write-file",
            "remove-file",
        ]
        // There is no host in its namespace, and the pairs it may connect are connected.
        let words = Self.refusals + ["No such process", "Transport endpoint is already connected"]
        return kept.map { attack("with grants", $0, of: "granted", says: words) }
            + ["fork", "spawn", "host-port"].map {
                attack("with grants", $0, of: "granted", ends: "succeeded", says: [])
            }
    }

    private func inStrict() -> [HostAttack] {
        ["trace-host", "fork", "host-port", "change-mode", "raise-priority"].map {
            attack("in strict", $0, of: "fenced", ends: "crashed sandbox_denied", says: ["the sandbox refused "])
        }
    }

    private func attack(
        _ family: String, _ component: String, of plugin: String = "escapes", file: URL? = nil, name: String? = nil,
        ends: String = "failed permanent", says: [String] = refusals
    ) -> HostAttack {
        let file = (file ?? host.home.appendingPathComponent("token")).path
        let request = """
            {"component": "\(plugin)/\(component)", "timeout": "60s", "retry": {"attempts": 1, "crashes": 1},
            "params": {"pid": \(host.pid), "port": \(host.port), "socket": "\(host.home.path)/berth.sock",
            "read": "\(file)", "write": "\(file)", "library": "\(libraries[plugin]?.path ?? "")"}}
            """
        return HostAttack(family: family, name: name ?? component, request: request, ends: [ends], says: says)
    }

    // MARK: What they were at

    /// What is not as it was: files, modes, and the neighbour.
    func damage() async throws -> [String] {
        var damage: [String] = []
        if try String(contentsOf: secret, encoding: .utf8) != "secret" { damage.append("the neighbour's file changed") }
        if try Data(contentsOf: host.plugins.appendingPathComponent("escapes.so")) != dropped {
            damage.append("the dropped file changed")
        }
        let mode = try FileManager.default.attributesOfItem(atPath: host.home.path)[.posixPermissions] as? Int
        if mode != 0o700 { damage.append("the home has mode \(mode ?? 0)") }
        let run = try await host.get("/api/v1/runs/\(neighbour)", as: RunView.self).value
        if run.state != "running" || run.starts != 1 { damage.append("the neighbour is \(run)") }
        let forged = try await host.get("/api/v1/runs?component=forged/run", as: Forged.self).value
        if !forged.runs.isEmpty { damage.append("a plugin made \(forged.runs.count) runs") }
        return damage
    }

    private struct Forged: Decodable {
        var runs: [RunView]
    }

    /// Ends the neighbour, which has run all the time.
    func end() async throws -> EndedRun {
        _ = try await host.post("/api/v1/runs/\(neighbour)/cancel", as: Anything.self)
        return try await host.end(of: neighbour)
    }
}
