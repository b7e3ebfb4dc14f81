import Foundation
import TestSupport
import Testing

/// Real files through a real plugin, by each of the ways to run something.
struct WordcountTests {
    static let licences = "/usr/share/common-licenses"

    struct Count: Decodable, Equatable {
        var lines: Int
        var words: Int
        var bytes: Int
    }

    @Test func `one-shot counts like wc`() async throws {
        let counted = try await Shell.run(
            RunningHost.program, "run", "text/wordcount", "--plugins", RunningHost.projectPlugins.path,
            "-p", "path=\(Self.licences)/GPL-3", "--read", Self.licences)
        #expect(counted.status == 0, "\(counted.errors)")
        let count = try JSONDecoder().decode(Count.self, from: Data(counted.output.utf8))
        #expect(try await count == Self.wc("\(Self.licences)/GPL-3"))
    }

    @Test func `a running host counts a folder like wc`() async throws {
        try await RunningHost.with { host in
            let body = """
                {"component": "text/wordcount", "params": {"path": "\(Self.licences)"},
                 "access": {"read": ["\(Self.licences)"]}}
                """
            let created = try await host.post("/api/v1/runs", body, as: RunView.self)
            #expect(created.status == 201)
            let ended = try await host.get("/api/v1/runs/\(created.value.id)/wait?timeout=30s", as: Ended.self).value
            #expect(ended.state == "succeeded", "\(ended.reason ?? "")")
            let files = try FileManager.default.contentsOfDirectory(atPath: Self.licences).map {
                "\(Self.licences)/\($0)"
            }
            var sum = Count(lines: 0, words: 0, bytes: 0)
            for file in files {
                let one = try await Self.wc(file)
                sum = Count(lines: sum.lines + one.lines, words: sum.words + one.words, bytes: sum.bytes + one.bytes)
            }
            #expect(ended.output == sum)
        }
    }

    @Test func `a file that was not granted is refused with the remedy`() async throws {
        let refused = try await Shell.run(
            RunningHost.program, "run", "text/wordcount", "--plugins", RunningHost.projectPlugins.path,
            "-p", "path=\(Self.licences)/GPL-3")
        #expect(refused.status == 1)
        #expect(refused.errors.contains("--read"), "\(refused.errors)")
    }

    struct Ended: Decodable {
        var state: String
        var reason: String?
        var output: Count?
    }

    private static func wc(_ file: String) async throws -> Count {
        let words = try await Shell.run("wc", file).output.split(separator: " ").compactMap { Int($0) }
        try #require(words.count >= 3)
        return Count(lines: words[0], words: words[1], bytes: words[2])
    }
}
