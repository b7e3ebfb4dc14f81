import Foundation
import Hummingbird
import HummingbirdTesting
import JobModel
import PluginCatalog
import TestSupport
import Testing

@testable import HostHTTP

/// What is told about a plugin whose files change: what is in use, what the file holds, and why that is not used.
struct PluginStoryTests {
    @Test func `A rollback and a release say, and do, what is used from then on`() async throws {
        try await ServedEngine.with { client in
            let folder = try await Folder(client)
            try folder.drop("1.0.0")
            try await folder.shows("Version 1.0.0 is active")
            try folder.drop("2.0.0")
            try await folder.shows("Version 2.0.0 is active")
            let back = try await client.ask(.post, "/api/v1/plugins/aud/rollback", #"{"reason": "it is slow"}"#)
            let view = PluginView(json: back.json)
            #expect(view.version == "1.0.0" && view.state == "active")
            let story = view.story.joined(separator: "\n")
            for part in ["set aside by", "it is slow", "aud.so holds it", "until `berth plugin release aud`"] {
                #expect(story.contains(part), "\(part) in: \(story)")
            }
            #expect(try await folder.output() == "1.0.0")
            let released = PluginView(json: try await client.ask(.post, "/api/v1/plugins/aud/release").json)
            #expect(released.version == "2.0.0" && released.state == "active")
            #expect(!released.story.joined().contains("set aside"))
            #expect(try await folder.output() == "2.0.0")
        }
    }

    @Test func `Content that is not used is told beside the version that is`() async throws {
        try await ServedEngine.with { client in
            let folder = try await Folder(client)
            try folder.drop("1.0.0")
            try await folder.shows("Version 1.0.0 is active")
            try folder.drop("2.0.0", cutTo: 3000)
            let story = try await folder.shows("aud.so now holds other content")
            #expect(story.contains("Version 1.0.0 is active"))
            #expect(story.contains("which is rejected: the file ends early"), "\(story)")
            let byFile = try await client.ask(.get, "/api/v1/plugins/aud.so")
            #expect(PluginView(json: byFile.json).story.joined().contains("ends early"))
            try folder.drop("3.0.0", vice: "-DCONSTRUCTOR_HANGS")
            #expect(try await folder.shows("which is still being checked").contains("Version 1.0.0 is active"))
        }
    }

    @Test func `A plugin that has gone is told, is not rolled back, and can be disabled`() async throws {
        try await ServedEngine.with { client in
            let folder = try await Folder(client)
            try folder.drop("1.0.0")
            try await folder.shows("Version 1.0.0 is active")
            folder.remove()
            #expect(try await folder.shows("No file in the plugins folder holds aud").contains("Copies are kept"))
            let back = try await client.ask(.post, "/api/v1/plugins/aud/rollback")
            #expect(back.status == 409)
            #expect(back.json["detail"]?.string?.contains("No version of aud is in use") == true)
            let off = try await client.ask(.post, "/api/v1/plugins/aud/disable", #"{"reason": "too loud"}"#)
            #expect(PluginView(json: off.json).story.joined().contains("because: too loud"))
        }
    }

    @Test func `A file that is taken off the list is told as what it is, not as removed`() async throws {
        try await ServedEngine.with(policy: PluginPolicy(mode: .enforce)) { client in
            let folder = try await Folder(client)
            try folder.drop("1.0.0")
            let digest = try await eventually("its digest") {
                try await client.ask(.get, "/api/v1/plugins/aud.so").json["digest"]?.string
            }
            _ = try await client.ask(.put, "/api/v1/plugins/_allowed/\(digest)")
            try await folder.shows("Version 1.0.0 is active")
            _ = try await client.ask(.delete, "/api/v1/plugins/_allowed/\(digest)")
            let story = try await folder.shows("Nothing of aud is used now")
            #expect(story.contains("which is rejected: it is not on the list of allowed plugins"), "\(story)")
            #expect(!story.contains("No file"))
            let view = PluginView(json: try await client.ask(.get, "/api/v1/plugins/aud").json)
            #expect(view.id == "aud" && view.state == "rejected")
        }
    }
}

/// The plugins folder of a served engine.
private struct Folder: Sendable {
    let client: any TestClientProtocol
    let path: String

    init(_ client: any TestClientProtocol) async throws {
        self.client = client
        let basic = PluginView(json: try await client.ask(.get, "/api/v1/plugins/basic.so").json)
        path = URL(fileURLWithPath: basic.path).deletingLastPathComponent().path
    }

    func drop(_ version: String, vice: String = "-DTELLS_VERSION", cutTo length: Int? = nil) throws {
        let flags = ["-DPLUGIN_ID=\"aud\"", "-DPLUGIN_VERSION=\"\(version)\"", vice]
        let bytes = try Data(contentsOf: FixturePlugin.library("catalog", flags: flags))
        let draft = "\(path)/draft"
        try bytes.prefix(length ?? bytes.count).write(to: URL(fileURLWithPath: draft))
        try #require(chmod(draft, 0o755) == 0)
        try #require(rename(draft, "\(path)/aud.so") == 0)
    }

    func remove() { unlink("\(path)/aud.so") }

    /// Waits until the story of `aud` says this; gives all of it.
    @discardableResult
    func shows(_ words: String) async throws -> String {
        try await eventually("\(words) in the story") {
            let answer = try await client.ask(.get, "/api/v1/plugins/aud")
            let story = PluginView(json: answer.json).story.joined(separator: "\n")
            return story.contains(words) ? story : nil
        }
    }

    /// Of a run that is enqueued now.
    func output() async throws -> String {
        let run = RunView(json: try await client.ask(.post, "/api/v1/runs", #"{"component": "aud/noop"}"#).json).id
        let ended = try await client.ask(.get, "/api/v1/runs/\(run)/wait?timeout=60s")
        return String(decoding: RunView(json: ended.json).output, as: UTF8.self)
    }
}
