import HTTPTypes
import HummingbirdTesting
import JobModel
import Testing

@testable import HostHTTP

/// What a body asks for where none is taken is not passed over.
struct BodyGuardTests {
    @Test func `a field is named, and nothing is done`() async throws {
        try await ServedEngine.with { client in
            let tick = #"{"name":"tick","component":"basic/wait","schedule":{"every":"1h"}}"#
            #expect(try await client.ask(.post, "/api/v1/jobs", tick).status == 201)
            let until = try await client.ask(.post, "/api/v1/jobs/tick/pause", #"{"until":"tomorrow"}"#)
            #expect(until.status == 400 && until.json["code"] == "unknown_field" && until.json["field"] == "until")
            let noise = try await client.ask(.post, "/api/v1/jobs/tick/pause", "not json")
            #expect(noise.status == 400 && noise.json["code"] == "bad_json", "\(noise.json.text)")
            #expect(try await client.ask(.get, "/api/v1/jobs/tick").json["paused"] == false)
            #expect(try await client.ask(.post, "/api/v1/jobs/tick/pause", "{}").json["paused"] == true)
        }
    }

    @Test(arguments: BodilessRoutes.all)
    func `each such route is one, and refuses a field`(route: String) async throws {
        let parts = route.split(separator: " ").map(String.init)
        let method = try #require(HTTPRequest.Method(parts[0]))
        let path = parts[1].replacing(/\{[a-z]+\}/, with: "x")
        try await ServedEngine.with { client in
            let answer = try await client.ask(method, path, #"{"strict":true}"#)
            #expect(answer.json["field"] == "strict", "\(answer.json.text)")
        }
    }
}
