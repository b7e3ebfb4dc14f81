import Foundation
import GuestPool
import JobModel
import TestSupport
import Testing

@testable import JobEngine

/// The services that ask the host, from plugin code to the store and back.
@Suite(.serialized, .timeLimit(.minutes(5))) struct ServiceTests {
    private static let settings = [
        "services": PluginSettings(
            configuration: "{\"mode\":\"test\"}", secrets: [GuestSecret(name: "token", value: Array("s3cret".utf8))])
    ]

    private func withServices(_ body: @escaping @Sendable (RealHost) async throws -> Void) async throws {
        try await RealHost.with(plugins: ["services"], settings: Self.settings, body)
    }

    @Test func `a reduce stage gets every child's result once, in order, good or not`() async throws {
        try await withServices { host in
            let end = try await host.end(of: "services/family")
            #expect(
                end.text == """
                    children=3 status=0 length=7 {"a":1} status=102 length=7 no luck status=0 length=65536  end=253\u{20}
                    """, "\(end.reason ?? "")")
            #expect(end.counters.starts == 2)
            let children = try await host.engine.runs(RunFilter(parent: end.id)).sorted { $0.id < $1.id }
            #expect(children.map(\.childIndex) == [0, 1, 2])
            #expect(children.map(\.state) == [.succeeded, .failed, .succeeded])
            #expect(children.allSatisfy { $0.label == "part" && $0.root == end.id && $0.source == .child })
            #expect(children.allSatisfy { $0.traceparent == end.traceparent })
        }
    }

    @Test func `an attempt that dies after it emitted leaves no children`() async throws {
        try await withServices { host in
            let end = try await host.end(of: "services/emit-and-die")
            #expect(end.state == .failed)
            #expect(end.outcome == .crashed(.abort))
            #expect(try await host.engine.runs(RunFilter()).count == 1)
        }
    }

    @Test func `state outlives runs, is compared by version, and belongs to the component without a job`() async throws
    {
        try await withServices { host in
            for round in 1...2 {
                let end = try await host.end(of: "services/count")
                #expect(
                    end.text == """
                        count=\(round) version=\(round - 1) put=0 stale=254 small=251 size=1 long=251 large=0 read=0 \
                        same=1 missing=253\u{20}
                        """, "\(end.reason ?? "")")
            }
        }
    }

    @Test func `more time is granted up to twice the limit`() async throws {
        try await withServices { host in
            let end = try await host.end(of: "services/longer", policy: RunPolicy(timeout: .seconds(30)))
            #expect(end.text == "granted=0 moved=1000 refused=251 ", "\(end.reason ?? "")")
            let unlimited = try await host.end(of: "services/longer", policy: RunPolicy(timeout: nil))
            #expect(unlimited.state == .succeeded)
        }
    }

    @Test func `a plugin gets its configuration, its secrets and the trace of its caller`() async throws {
        try await withServices { host in
            let own = try await host.end(of: "services/about")
            #expect(own.text == "\(own.traceparent) {\"mode\":\"test\"} unknown=253 s3cret", "\(own.reason ?? "")")
            var request = try RealHost.request("services/about")
            request.traceparent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
            guard case .created(let run) = try await host.engine.enqueue([request], actor: "test").first else {
                Issue.record("not created")
                return
            }
            let end = try await host.engine.waitForEnd(of: run.id)
            #expect(end.text.hasPrefix("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01 "))
        }
    }

    @Test func `an attempt that gives no sign of life is ended, and its limit is another matter`() async throws {
        try await withServices { host in
            let end = try await host.end(of: "services/silent")
            #expect(end.outcome == .timedOut)
            #expect(end.reason?.hasPrefix("no sign of life for 250 ms") == true, "\(end.reason ?? "")")
        }
    }

    @Test func `params larger than the component takes are refused before anything is stored`() async throws {
        try await withServices { host in
            let request = try RealHost.request(
                "services/lively", params: "{\"a\":\"\(String(repeating: "x", count: 100))\"}")
            guard
                case .refused(.invalid("params", _, let reason)) = try await host.engine.enqueue(
                    [request], actor: "test"
                ).first
            else {
                Issue.record("not refused")
                return
            }
            #expect(reason.contains("100 bytes"))
        }
    }

    @Test func `functions that are not obligatory may be missing`() async throws {
        try await withServices { host in
            let end = try await host.end(of: "services/work")
            #expect(end.text == "self=1 ")
        }
    }

    @Test func `a plugin that will not start without its configuration says so in the run`() async throws {
        try await RealHost.with(plugins: ["services"]) { host in
            let end = try await host.end(of: "services/work")
            #expect(end.state == .failed)
            #expect(end.reason?.contains("start answered 103") == true, "\(end.reason ?? "")")
        }
    }

    @Test func `a secret shows in no text made of it`() {
        let secret = GuestSecret(name: "token", value: Array("s3cret".utf8))
        let spec = GuestSpec(library: "/l", digest: "d", secrets: [secret])
        var dumped = ""
        dump(spec, to: &dumped)
        for text in ["\(secret)", "\(spec)", String(reflecting: spec), dumped] {
            #expect(text.contains("token") && !text.contains("115") && !text.contains("s3cret"), "\(text)")
        }
    }
}

extension RealHost {
    fileprivate func end(of component: String, policy: RunPolicy? = nil) async throws -> RunRecord {
        let once = RetryPolicy(attempts: 1, delay: .fixed(.zero), crashes: 1)
        var policy = policy ?? .standard
        policy.retry = once
        let run = try await enqueue(component, policy: policy)
        return try await engine.waitForEnd(of: run.id)
    }
}

extension RunRecord {
    fileprivate var text: String { String(decoding: output, as: UTF8.self) }
}
