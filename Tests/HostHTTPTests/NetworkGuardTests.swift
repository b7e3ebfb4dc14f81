import Hummingbird
import JobModel
import Testing

@testable import HostHTTP

struct NetworkGuardTests {
    private let door = NetworkGuard<BasicRequestContext>(host: "berth.example", token: "0123456789abcdef")

    @Test(arguments: [
        "localhost", "localhost:7780", "127.0.0.1:7780", "[::1]:7780", "10.1.2.3", "berth.example:80", "BERTH.example",
    ])
    func `the names of this host are let in`(authority: String) throws {
        try door.check(authority: authority, origin: nil)
        try door.check(authority: authority, origin: "http://\(authority)")
    }

    @Test(arguments: [
        nil, "", "evil.example", "localhost.evil.example", "127.0.0.1.evil.example", "1.2.3.4.5", "256.1.1.1",
    ])
    func `other names are not`(authority: String?) throws {
        let problem = try #require(throws: Problem.self) { try door.check(authority: authority, origin: nil) }
        #expect(problem.code == .hostNotAllowed)
    }

    @Test(arguments: ["http://evil.example", "https://localhost:7780", "null", "http://localhost:7781"])
    func `pages from elsewhere are not`(origin: String) throws {
        let problem = try #require(throws: Problem.self) {
            try door.check(authority: "localhost:7780", origin: origin)
        }
        #expect(problem.code == .originNotAllowed)
    }

    @Test(arguments: [
        nil, "", "Bearer", "Bearer ", "Bearer 0123456789abcde", "Bearer 0123456789abcdef0", "bearer 0123456789abcdef",
        "Basic 0123456789abcdef", "Bearer 0123456789abcdeF",
    ])
    func `only the token opens`(header: String?) throws {
        let problem = try #require(throws: Problem.self) { try door.check(authorization: header) }
        #expect(problem.code == .unauthorized)
        #expect(problem.code.status == 401)
    }

    @Test func `the token opens`() throws {
        try door.check(authorization: "Bearer 0123456789abcdef")
    }
}
