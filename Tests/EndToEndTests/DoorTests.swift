import Foundation
import FoundationNetworking
import TestSupport
import Testing

/// The host's doors, and those who stand in them.
struct DoorTests {
    @Test func `a body that does not end keeps no host from stopping`() async throws {
        let host = try await RunningHost.start()
        let slow = try Connection(port: host.port)
        try slow.send("POST /healthz HTTP/1.1\r\nhost: berth\r\ncontent-length: 1000\r\n\r\n{")
        let run = try Connection(port: host.port)
        try run.send("GET /healthz HTTP/1.1\r\nhost: berth\r\n\r\n")
        try await run.heard()
        #expect(try await host.stop() == 0, "\(host.printed)")
        withExtendedLifetime(slow) {}
    }

    @Test func `many idle connections leave the socket and the plugins as they are`() async throws {
        try await RunningHost.with(launcher: ["prlimit", "--nofile=600:1200"]) { host in
            var idle: [Connection] = []
            for _ in 0..<640 { if let connection = try? Connection(port: host.port) { idle.append(connection) } }
            #expect(idle.count > 500)
            let list = try await host.berth("plugin", "list")
            #expect(list.status == 0 && list.output.contains("text"), "\(list.errors)")
            let run = try await host.berth("enqueue", "chaos/sleep", "-p", "seconds=0", "--wait")
            #expect(run.status == 0, "\(run.errors)")
            withExtendedLifetime(idle) {}
        }
    }

    @Test func `a port that is taken is named with what to do`() async throws {
        try await RunningHost.with { host in
            let home = temporaryFolder()
            let second = try await Shell.run(
                RunningHost.program, "serve", "--home", home.path, "--listen", "127.0.0.1:\(host.port)")
            #expect(second.status == 6, "\(second.errors)")
            #expect(second.errors.contains("Another program listens there"), "\(second.errors)")
            #expect(!second.errors.contains("child channel"), "\(second.errors)")
        }
    }

    @Test func `names are taken as they are meant`() async throws {
        try await RunningHost.with { host in
            let plugin = try await host.berth("plugin", "show", "no such.so")
            #expect(plugin.status == 4 && plugin.errors.contains("\"no such.so\""), "\(plugin.errors)")
            for words in [["runs", "show", ""], ["job", "show", ""], ["queue", "show", ""], ["job", "delete", ""]] {
                let empty = try await host.berth(words)
                #expect(empty.status == 4 && empty.errors.contains("empty"), "\(words): \(empty.output)\(empty.errors)")
            }
        }
    }

    @Test func `what is secret in steps and follow-ups is shown to nobody`() async throws {
        try await RunningHost.with { host in
            try await eventually("it knows what is secret") {
                try await host.berth("component", "show", "http/request").status == 0 ? true : nil
            }
            let params = #"{"url": "http://127.0.0.1:1/", "auth": {"type": "bearer", "token": "HUSH"}}"#
            let changed = try await host.text(
                "PUT", "/api/v1/queues/mail",
                #"{"slots": 1, "pre_step": {"component": "http/request", "params": \#(params)}}"#)
            #expect(changed.contains("http/request") && !changed.contains("HUSH"), "\(changed)")
            #expect(!(try await host.text("GET", "/api/v1/queues")).contains("HUSH"))
            let job = """
                {"name": "calls", "component": "chaos/sleep", "params": {"seconds": 0},
                 "on_success": {"job": "called", "params": \(params)}}
                """
            let made = try await host.text("POST", "/api/v1/jobs", job)
            let shown = try await host.text("GET", "/api/v1/jobs/calls")
            #expect(shown.contains("called") && !shown.contains("HUSH"), "\(made)\(shown)")
        }
    }

    @Test func `who waits for a run does not lose it when the host starts again`() async throws {
        let home = temporaryFolder()
        let host = try await RunningHost.start(home: home, environment: ["BERTH_DRAIN": "100ms"])
        let waiting = Task {
            try await host.berth("enqueue", "chaos/sleep", "-p", "seconds=2", "--retry", "1", "--wait", "--json")
        }
        try await eventually("it runs") {
            let last = try? await host.get("/api/v1/runs/last", as: RunView.self).value
            return last?.state == "running" ? true : nil
        }
        host.kill()
        try await RunningHost.with(home: home) { _ in
            let result = try await waiting.value
            #expect(result.status == 0, "\(result.errors)")
            #expect(result.output.contains("succeeded"), "\(result.output)")
        }
    }
}

/// A connection that says only what it is told to.
private final class Connection: Sendable {
    private let descriptor: Int32

    init(port: Int) throws {
        descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = UInt16(port).bigEndian
        address.sin_addr.s_addr = inet_addr("127.0.0.1")
        let connected = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        guard connected == 0 else { throw HostFailure("no connection: \(errno)") }
    }

    deinit { close(descriptor) }

    func send(_ text: String) throws {
        let bytes = Array(text.utf8)
        guard write(descriptor, bytes, bytes.count) == bytes.count else { throw HostFailure("not written") }
    }

    /// Waits for something to read.
    func heard() async throws {
        try await eventually("an answer") { [descriptor] in
            var bytes = [UInt8](repeating: 0, count: 64)
            return recv(descriptor, &bytes, bytes.count, Int32(MSG_DONTWAIT)) > 0 ? true : nil
        }
    }
}

extension RunningHost {
    /// The body of an answer as it stands.
    fileprivate func text(_ method: String, _ path: String, _ body: String? = nil) async throws -> String {
        var request = URLRequest(url: try #require(URL(string: "http://127.0.0.1:\(port)\(path)")), timeoutInterval: 60)
        request.httpMethod = method
        request.httpBody = body.map { Data($0.utf8) }
        request.setValue("application/json", forHTTPHeaderField: "Content-Type")
        let token = try String(contentsOf: file("token"), encoding: .utf8).trimmingCharacters(
            in: .whitespacesAndNewlines)
        request.setValue("Bearer \(token)", forHTTPHeaderField: "Authorization")
        let (data, _) = try await URLSession.shared.data(for: request)
        return String(decoding: data, as: UTF8.self)
    }
}
