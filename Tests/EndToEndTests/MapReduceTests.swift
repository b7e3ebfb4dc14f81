import Foundation
import TestSupport
import Testing

/// Map and reduce over real files: the words of the licences, counted by many runs, are those that a pipeline counts.
struct MapReduceTests {
    private static let folder = WordcountTests.licences

    @Test func `one-shot counts the words of a folder like a pipeline`() async throws {
        let counted = try await Shell.run(
            RunningHost.program, "run", "text/count", "--plugins", RunningHost.projectPlugins.path,
            "-p", "path=\(Self.folder)", "-p", "files_per_part=1", "--read", Self.folder)
        #expect(counted.status == 0, "\(counted.errors)")
        #expect(try await counted.output == Self.pipeline())
    }

    @Test func `kill -9 in the middle of a map and reduce loses and doubles nothing`() async throws {
        let home = temporaryFolder()
        let first = try await RunningHost.start(home: home)
        let run = try await first.post("/api/v1/runs", Self.count(filesPerPart: 10), as: Family.self).value
        try await eventually("some of the children have ended") {
            let view = try await first.get("/api/v1/runs/\(run.id)", as: Family.self).value
            return (view.children?.succeeded ?? 0) > 0 || view.state == "succeeded" ? true : nil
        }
        first.kill()
        try await RunningHost.with(home: home) { second in
            let ended = try await Self.end(of: run.id, second)
            #expect(ended.state == "succeeded", "\(ended.reason ?? "")")
            let children = try #require(ended.children)
            #expect(children.open == 0 && children.succeeded == children.total)
            let listed = try await second.get("/api/v1/runs?parent=\(run.id)&limit=1000", as: Page.self).value.runs
            #expect(Set(listed.map(\.index)).count == min(children.total, 1000))
            let shown = try await second.berth("runs", "show", "\(run.id)")
            #expect(shown.output.contains("\(children.total) succeeded"), "\(shown.output)")
            let other = try await second.post("/api/v1/runs", Self.count(filesPerPart: 100_000), as: Family.self).value
            let undisturbed = try await Self.end(of: other.id, second)
            #expect((undisturbed.children?.total ?? 0) < children.total)
            #expect(ended.outputText != nil || ended.outputBase64 != nil)
            #expect(ended.outputText == undisturbed.outputText && ended.outputBase64 == undisturbed.outputBase64)
        }
    }

    private static func count(filesPerPart: Int) -> String {
        """
        {"component": "text/count", "params": {"path": "/usr/share/doc", "files_per_part": \(filesPerPart)},
         "access": {"read": ["/usr/share"]}}
        """
    }

    private static func end(of run: Int64, _ host: RunningHost) async throws -> Family {
        try await host.get("/api/v1/runs/\(run)/wait?timeout=60s", as: Family.self).value
    }

    struct Family: Decodable {
        struct Children: Decodable {
            var total: Int
            var open: Int
            var succeeded: Int?
        }

        var id: Int64
        var state: String
        var reason: String?
        var children: Children?
        var index: Int?
        var outputText: String?
        var outputBase64: String?
    }

    struct Page: Decodable {
        var runs: [Family]
    }

    private static func pipeline() async throws -> String {
        let words = """
            for file in \(folder)/*; do cat "$file"; echo; done | tr 'A-Z' 'a-z' | tr -cs 'a-z0-9\\200-\\377' '\\n' |
            awk 'length > 0 && length <= 64' | sort | uniq -c | awk '{ print $1 " " $2 }'
            """
        return try await Shell.run("env", "LC_ALL=C", "sh", "-c", words).output
    }
}
