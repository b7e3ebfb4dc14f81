import Foundation
import FoundationNetworking
import TestSupport
import Testing

/// A real `berth serve` in a home of its own, reached the way users reach it: by command line and by HTTP.
final class RunningHost: Sendable {
    let home: URL
    let plugins: URL
    let port: Int
    private let process: Process
    private let log: URL
    private let launcher: [String]

    /// The plugins of this project, as `make plugins` builds them.
    static let projectPlugins = Checkout.root.appendingPathComponent(".build/plugins")
    static let program = Checkout.products.appendingPathComponent("berth").path

    /// What the project's own plugins need; in every home that has no settings.
    private static let granted = "plugins: {command: {grants: [subprocess]}}\n"

    /// Starts a host and returns when it says that it is ready.
    static func start(
        home: URL = temporaryFolder(), plugins: URL = projectPlugins, options: [String] = [],
        environment: [String: String] = [:], launcher: [String] = [], program: String = program
    ) async throws -> RunningHost {
        let host = try RunningHost(
            home: home, plugins: plugins, options: options, environment: environment, launcher: launcher,
            program: program)
        try await host.waitUntilReady()
        return host
    }

    /// Starts a host and returns at once.
    static func launch(home: URL, plugins: URL = projectPlugins) throws -> RunningHost {
        try RunningHost(home: home, plugins: plugins, options: [], environment: [:], launcher: [], program: program)
    }

    /// Starts a host, hands it to `body`, and ends it whatever happens.
    static func with<Value: Sendable>(
        home: URL = temporaryFolder(), plugins: URL = projectPlugins, options: [String] = [],
        environment: [String: String] = [:], launcher: [String] = [], program: String = program,
        _ body: (RunningHost) async throws -> Value
    ) async throws -> Value {
        let host = try await start(
            home: home, plugins: plugins, options: options, environment: environment, launcher: launcher,
            program: program)
        do {
            let value = try await body(host)
            try await host.stop()
            return value
        } catch {
            host.kill()
            throw error
        }
    }

    /// `launcher`: words of a command that ends by replacing itself with the host.
    private init(
        home: URL, plugins: URL, options: [String], environment: [String: String], launcher: [String], program: String
    ) throws {
        self.home = home
        self.launcher = launcher
        self.plugins = plugins
        self.port = try FreePort.find()
        try FileManager.default.createDirectory(at: home, withIntermediateDirectories: true)
        let settings = home.appendingPathComponent("berth.yaml")
        if !FileManager.default.fileExists(atPath: settings.path) { try Data(Self.granted.utf8).write(to: settings) }
        log = home.appendingPathComponent("host-\(UUID().uuidString).log")
        try Data().write(to: log)
        process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments =
            launcher + [program, "serve", "--home", home.path, "--plugins", plugins.path]
            + ["--listen", "127.0.0.1:\(port)"] + options
        process.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
        let output = try FileHandle(forWritingTo: log)
        process.standardOutput = output
        process.standardError = output
        try process.run()
    }

    var pid: Int32 { process.processIdentifier }
    var printed: String { (try? String(contentsOf: log, encoding: .utf8)) ?? "" }

    private func waitUntilReady() async throws {
        try await eventually("the host is ready: \(printed)") {
            guard process.isRunning else { throw HostFailure(printed) }
            return try? await get("/readyz", as: Anything.self).status == 200 ? true : nil
        }
    }

    /// SIGTERM, and the exit status.
    @discardableResult
    func stop() async throws -> Int32 {
        process.terminate()
        return try await ended()
    }

    /// kill -9, and waits until the process is gone.
    func kill() {
        Foundation.kill(pid, SIGKILL)
        process.waitUntilExit()
    }

    func ended() async throws -> Int32 {
        try await eventually("the host has ended", within: .seconds(60)) { process.isRunning ? nil : true }
        return process.terminationStatus
    }

    // MARK: The doors

    /// Runs `berth` as a client of this host.
    func berth(_ words: String...) async throws -> Finished { try await berth(words) }

    func berth(_ words: [String]) async throws -> Finished {
        let inside = launcher.first == "unshare" ? ["nsenter", "-t", "\(pid)", "-m"] : []
        return try await Shell.run(inside + [Self.program] + words + ["--home", home.path])
    }

    /// A file of the home as the host sees it, which may have mounts of its own.
    func file(_ name: String) -> URL {
        URL(fileURLWithPath: "/proc/\(pid)/root\(home.path)").appendingPathComponent(name)
    }

    /// Runs `berth` with `--json` and decodes what it prints.
    func berth<Value: Decodable>(_ words: String..., as type: Value.Type) async throws -> Value {
        let finished = try await Shell.run([Self.program] + words + ["--home", home.path, "--json"])
        return try decode(finished.output, as: type, context: finished.errors)
    }

    struct Response<Value> {
        var status: Int
        var value: Value
    }

    func get<Value: Decodable>(_ path: String, as type: Value.Type) async throws -> Response<Value> {
        try await call("GET", path, body: nil, as: type)
    }

    func post<Value: Decodable>(_ path: String, _ body: String = "{}", as type: Value.Type) async throws -> Response<
        Value
    > {
        try await call("POST", path, body: body, as: type)
    }

    func call<Value: Decodable>(
        _ method: String, _ path: String, body: String?, as type: Value.Type, token: String? = nil
    ) async throws -> Response<Value> {
        let url = try #require(URL(string: "http://127.0.0.1:\(port)\(path)"))
        var request = URLRequest(url: url, timeoutInterval: 60)
        request.httpMethod = method
        request.httpBody = body.map { Data($0.utf8) }
        request.setValue("application/json", forHTTPHeaderField: "Content-Type")
        request.setValue("Bearer \(token ?? self.token)", forHTTPHeaderField: "Authorization")
        let (data, response) = try await URLSession.shared.data(for: request)
        let status = (response as? HTTPURLResponse)?.statusCode ?? 0
        if Value.self == Anything.self, let value = Anything(bytes: data.count) as? Value {
            return Response(status: status, value: value)
        }
        return Response(
            status: status, value: try decode(String(decoding: data, as: UTF8.self), as: type, context: path))
    }

    private var token: String {
        (try? String(contentsOf: file("token"), encoding: .utf8).trimmingCharacters(in: .whitespacesAndNewlines)) ?? ""
    }
}

/// For answers whose body does not matter.
struct Anything: Decodable {
    var bytes = 0
}

/// What the tests read of a run.
struct RunView: Decodable, Sendable {
    var id: Int64
    var state: String
    var outcome: String?
    var reason: String?
    var starts: Int?
    var interruptions: Int?

    var hasEnded: Bool { !["pending", "running", "held"].contains(state) }
}

struct HostFailure: Error, CustomStringConvertible {
    let description: String

    init(_ description: String) {
        self.description = description
    }
}

func temporaryFolder(_ name: String = "home") -> URL {
    FileManager.default.temporaryDirectory.appendingPathComponent("berth-\(name)-\(UUID().uuidString.prefix(8))")
}

private func decode<Value: Decodable>(_ text: String, as type: Value.Type, context: String) throws -> Value {
    let decoder = JSONDecoder()
    decoder.keyDecodingStrategy = .convertFromSnakeCase
    do {
        return try decoder.decode(type, from: Data(text.utf8))
    } catch {
        throw HostFailure("\(context): cannot read \(type) from: \(text)")
    }
}
