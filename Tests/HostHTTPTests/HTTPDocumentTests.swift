import Foundation
import HTTPTypes
import Hummingbird
import JobModel
import TestSupport
import Testing

@testable import HostHTTP

/// docs/http.md is the list of what the API answers.
struct HTTPDocumentTests {
    @Test func `every route stands in the document, and every line of it is a route`() async throws {
        let written = try Self.rows().map(\.route)
        try await ServedEngine.withAPI { api, _ in
            let routes = api.router(for: .socket(path: "")).routes.filter { $0.method != .head }
            let there = Set(routes.map { "\($0.method) \($0.path)" })
            #expect(there.subtracting(written).sorted() == [])
            #expect(Set(written).subtracting(there).sorted() == [])
            #expect(Set(written).count == written.count)
        }
    }

    @Test func `every word of a query stands beside its route`() throws {
        for row in try Self.rows() {
            let named = row.query.matches(of: /`([a-z_]+)`/).map { String($0.output.1) }
            #expect(named.sorted() == (QueryWords.routes[row.route] ?? []).sorted(), "\(row.route)")
        }
    }

    @Test func `what changes something and takes no body has none in the document`() throws {
        let bodiless = try Self.rows().filter { !$0.route.hasPrefix("GET ") && $0.body.allSatisfy(\.isWhitespace) }
        #expect(Set(bodiless.map(\.route)) == BodilessRoutes.all)
    }

    @Test func `every code of a refusal stands in the document with its status`() throws {
        let text = try Self.text()
        for code in ProblemCode.allCases {
            let line = text.split(separator: "\n").first { $0.hasPrefix("| \(code.status) |") }
            #expect(line?.contains("`\(code.rawValue)`") == true, "\(code.status) \(code.rawValue)")
        }
    }

    private struct Row {
        var route: String
        var query: String
        var body: String
    }

    /// Lines such as "| `GET /api/v1/runs` | `state`, … | … |".
    private static func rows() throws -> [Row] {
        try text().split(separator: "\n").compactMap { line in
            guard let match = line.firstMatch(of: /^\| `([A-Z]+ \/[^`]*)` \|([^|]*)\|([^|]*)\|/) else { return nil }
            return Row(route: String(match.output.1), query: String(match.output.2), body: String(match.output.3))
        }
    }

    private static func text() throws -> String {
        try String(contentsOf: Checkout.root.appendingPathComponent("docs/http.md"), encoding: .utf8)
    }
}
