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
            let story = try await folder.shows("What aud.so holds now")
            #expect(story.contains("Version 1.0.0 is active"))
            #expect(story.contains("is rejected: the file ends early"), "\(story)")
            let byFile = try await client.ask(.get, "/api/v1/plugins/aud.so")
            #expect(PluginView(json: byFile.json).story.joined().contains("ends early"))
            try folder.drop("3.0.0", vice: "-DCONSTRUCTOR_HANGS")
            #expect(try await folder.shows("is still being checked").contains("Version 1.0.0 is active"))
        }
    }

    @Test func `What a file held before its content was refused is not told as what it holds`() {
        let now = Instant(microseconds: 1_800_000_000_000_000)
        func record(_ digest: String, _ state: PluginRecord.State, _ version: String?) -> PluginRecord {
            PluginRecord(
                path: "/p/aud.so", digest: digest, state: state, reason: version == nil ? "it is cut" : nil,
                descriptor: version.map {
                    PluginDescriptor(id: "aud", version: $0, vendor: "", abiVersion: 65_536, components: [])
                }, arrivedAt: now)
        }
        let aside = SetAside(plugin: "aud", version: "2.0.0", ruling: Ruling(by: "cli", at: now))
        let told = PluginStory.Material(
            id: "aud", standing: PluginStanding(lineage: Lineage(), setAside: ["b": aside]),
            others: [record("b", .setAside, "2.0.0"), record("c", .rejected, nil)], now: now)
        let story = PluginStory(record("a", .active, "1.0.0"), told).sentences.joined(separator: "\n")
        #expect(story.contains("What aud.so holds now (c…)"))
        #expect(story.contains("Version 2.0.0 (b…) was set aside by cli"))
        #expect(!story.contains("aud.so holds it"), "\(story)")
        let crash = CrashStreak.quarantine(at: now)
        var left = told
        left.crashes = [CrashReport(StreakRecord(plugin: "aud", component: nil, digest: "a", streak: crash))]
        let first = PluginStory(record("a", .active, "1.0.0"), left).sentences.first
        #expect(first == "Version 1.0.0 is the active one, and quarantined: its runs wait.")
    }

    @Test func `Attempts in a version that was replaced are told with their end`() {
        let now = Instant(microseconds: 1_800_000_000_000_000)
        for (until, words) in [
            (nil, "as long as their own limits allow"), (now + .seconds(20), "until 2027-01-15T08:00:20Z"),
            (now, "were asked to end"),
        ] {
            let leaving = LeavingAttempts(version: "1.0.0", digest: "a", count: 2, until: until)
            let told = PluginStory.Material(
                id: "aud", standing: PluginStanding(lineage: Lineage()), leaving: [leaving], now: now)
            let story = PluginStory(gone: told).sentences.joined(separator: "\n")
            #expect(story.contains("2 attempts go on in version 1.0.0 (a…)") && story.contains(words), "\(story)")
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
            _ = try await client.ask(.post, "/api/v1/plugins/aud/disable")
            let run = RunView(json: try await client.ask(.post, "/api/v1/runs", #"{"component": "aud/noop"}"#).json).id
            _ = try await client.ask(.delete, "/api/v1/plugins/_allowed/\(digest)")
            let story = try await folder.shows("Nothing of aud is used now")
            #expect(story.contains("is rejected: it is not on the list of allowed plugins"), "\(story)")
            #expect(!story.contains("No file"))
            let view = PluginView(json: try await client.ask(.get, "/api/v1/plugins/aud").json)
            #expect(view.id == "aud" && view.state == "rejected")
            let why = try await client.ask(.get, "/api/v1/runs/\(run)/explain")
            let obstacle = why.json["obstacles"]?.array?.first?["sentence"]?.string ?? ""
            #expect(obstacle.contains("The file aud.so of aud is rejected: it is not on the list"), "\(why.json)")
        }
    }
}

extension CrashStreak {
    /// As it is after guests that did not load.
    fileprivate static func quarantine(at now: Instant) -> CrashStreak {
        let evidence = CrashEvidence(run: 1, attempt: 1, startedAt: now, isLoadFailure: true, message: "no entry")
        var streak = CrashStreak(evidence, at: now)
        for _ in 1..<CrashStreak.mostLoadFailures {
            _ = streak.add(evidence, most: CrashStreak.mostLoadFailures, at: now)
        }
        return streak
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
