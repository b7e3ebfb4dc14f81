import HTTPTypes
import JobModel
import Testing

@testable import HostHTTP

struct UpstreamRoutesTests {
    private static let connected = UpstreamStatus(
        name: "cluster", kind: "powerjob", state: .connected, server: "10.0.0.1:10010",
        lastContact: Instant(microseconds: 1_000_000), lag: .milliseconds(1500), open: 3, owed: 5)
    private static let lost = UpstreamStatus(
        name: "nightly", kind: "cronjob", state: .unreachable, lastError: "connection refused",
        remedy: "start the server, or correct api_url")

    @Test func `upstreams are listed and shown with what to do`() async throws {
        try await ServedEngine.with(upstreams: [Self.connected, Self.lost]) { client in
            let list = try await client.ask(.get, "/api/v1/upstreams")
            #expect(list.json["upstreams"]?.array?.compactMap { $0["name"]?.string } == ["cluster", "nightly"])
            let one = UpstreamView(json: try await client.ask(.get, "/api/v1/upstreams/cluster").json)
            #expect(one.state == "connected" && one.server == "10.0.0.1:10010" && one.lag == "1.5s")
            #expect(one.open == 3 && one.owed == 5 && one.lastContact == Instant(microseconds: 1_000_000))
            let other = UpstreamView(json: try await client.ask(.get, "/api/v1/upstreams/nightly").json)
            #expect(other.state == "unreachable" && other.lastError == "connection refused")
            #expect(other.remedy == "start the server, or correct api_url")
        }
    }

    @Test func `an upstream that is not there is not found, with a hint`() async throws {
        try await ServedEngine.with(upstreams: [Self.connected]) { client in
            let answer = try await client.ask(.get, "/api/v1/upstreams/clustr")
            #expect(answer.status == 404 && answer.json["code"]?.string == "upstream_not_found")
            #expect(answer.json["detail"]?.string?.contains("cluster") == true)
        }
    }

    @Test func `a server that is gone keeps the host ready and is named with its remedy`() async throws {
        try await ServedEngine.with(upstreams: [Self.connected, Self.lost]) { client in
            let ready = try await client.ask(.get, "/readyz")
            #expect(ready.status == 200)
            let reasons = ready.json["reasons"]?.array?.compactMap(\.string) ?? []
            #expect(reasons == ["upstream nightly is unreachable: start the server, or correct api_url"])
            let status = StatusView(json: try await client.ask(.get, "/api/v1/status").json)
            #expect(status.upstreams.map(\.state) == ["connected", "unreachable"])
        }
    }

    @Test func `a host without upstreams says nothing of them`() async throws {
        try await ServedEngine.with { client in
            let ready = try await client.ask(.get, "/readyz").json
            let status = try await client.ask(.get, "/api/v1/status").json
            let list = try await client.ask(.get, "/api/v1/upstreams").json
            #expect(ready["reasons"] == nil && status["upstreams"] == nil)
            #expect(list["upstreams"]?.array?.isEmpty == true)
        }
    }

    @Test func `what is owed to an upstream is given up only when it is in the settings no longer`() async throws {
        let removed = UpstreamStatus(name: "old", kind: "", state: .removed, owed: 1)
        try await ServedEngine.with(upstreams: [Self.connected, removed]) { client in
            let refused = try await client.ask(.post, "/api/v1/upstreams/cluster/forget")
            #expect(refused.status == 409 && refused.json["detail"]?.string?.contains("berth.yaml") == true)
            let forgotten = try await client.ask(.post, "/api/v1/upstreams/old/forget")
            #expect(forgotten.status == 200 && forgotten.json["forgotten"] == 0)
            #expect(try await client.ask(.post, "/api/v1/upstreams/other/forget").status == 404)
        }
    }
}
