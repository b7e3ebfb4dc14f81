import Foundation
import HostHTTP
import JobModel
import Testing
import Upstreams

@testable import berth

struct UpstreamSettingsTests {
    private func fault(_ text: String) throws -> FieldError {
        let json = try JSONParser.parse(Array(text.utf8))
        return try #require(throws: FieldError.self) {
            _ = try UpstreamSettings.all(json, path: "upstreams", in: Surroundings())
        }
    }

    @Test(arguments: [
        (#"["a"]"#, "upstreams", "cluster: {kind: powerjob}"), (#"{"A b": {}}"#, "upstreams.A b", "lower-case"),
        (#"{"a": {}}"#, "upstreams.a.kind", "powerjob, cronjob"),
        (#"{"a": {"kind": "kafka"}}"#, "upstreams.a.kind", "powerjob, cronjob"),
        (#"{"a": 7}"#, "upstreams.a", "object"),
    ])
    func `what is no upstream is refused where it stands`(text: String, path: String, words: String) throws {
        let error = try fault(text)
        #expect(error.path == path)
        #expect(error.reason.contains(words), "\(error)")
    }

    @Test func `no upstreams are no upstreams`() throws {
        #expect(try UpstreamSettings.all(.object([]), path: "upstreams", in: Surroundings()).isEmpty)
    }

    // MARK: Secrets

    private func secret(_ text: String, _ environment: [String: String] = [:]) throws -> Secret {
        try Secret(try JSONParser.parse(Array(text.utf8)), path: "key", in: Surroundings(environment: environment))
    }

    @Test func `a secret comes from the environment or a file, without the newline at its end`() throws {
        let file = FileManager.default.temporaryDirectory.appendingPathComponent("secret-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: file) }
        try Data("of a file\n".utf8).write(to: file)
        #expect(try secret(#"{"env": "KEY"}"#, ["KEY": "of the environment"]).text == "of the environment")
        #expect(try secret("{\"file\": \"\(file.path)\"}").text == "of a file")
        try Data("of another system\r\n".utf8).write(to: file)
        #expect(try secret("{\"file\": \"\(file.path)\"}").text == "of another system")
    }

    @Test(arguments: [
        (#""hunter2""#, "{env: NAME}"), (#"{"text": "hunter2"}"#, "{env: NAME}"),
        (#"{"env": "hunter2", "file": "hunter2"}"#, "{env: NAME}"), (#"{"env": 7}"#, "{env: NAME}"),
    ])
    func `a secret that stands there itself is refused without being said`(text: String, words: String) throws {
        let error = try #require(throws: FieldError.self) { _ = try secret(text) }
        #expect(error.description.contains(words) && !error.description.contains("hunter2"))
    }

    @Test func `a variable or file that is not there is named`() throws {
        #expect(throws: FieldError.self) { _ = try secret(#"{"env": "EMPTY"}"#, ["EMPTY": ""]) }
        let error = try #require(throws: FieldError.self) { _ = try secret(#"{"file": "/no/such/file"}"#) }
        #expect(error.description.contains("/no/such/file"))
    }

    @Test func `a secret shows in no text and no dump`() {
        let secret = Secret("hunter2")
        var dumped = ""
        dump(["key": secret], to: &dumped)
        #expect(!"\(secret) \(String(reflecting: secret))".contains("hunter2") && !dumped.contains("hunter2"))
    }
}
