import Hummingbird
import HummingbirdTesting
import JobModel
import Testing

@testable import HostHTTP

/// What is done about plugins through the API.
struct PluginRoutesTests {
    @Test func `A disabled plugin says so, and its runs wait until it is enabled`() async throws {
        try await ServedEngine.with { client in
            let off = try await client.ask(.post, "/api/v1/plugins/basic/disable", #"{"reason": "too loud"}"#)
            #expect(off.status == 200)
            #expect(off.json["state"]?.string == "disabled")
            #expect(PluginView(json: off.json).story.first?.contains("because: too loud") == true)
            let run = try await client.ask(.post, "/api/v1/runs", #"{"component": "basic/noop"}"#)
            #expect(run.status == 201)
            let id = RunView(json: run.json).id
            let waiting = try await client.ask(.get, "/api/v1/runs/\(id)")
            #expect(RunView(json: waiting.json).obstacle?.contains("disabled by api: too loud") == true)
            let on = try await client.ask(.post, "/api/v1/plugins/basic/enable")
            #expect(on.json["state"]?.string == "active")
            let ended = try await client.ask(.get, "/api/v1/runs/\(id)/wait?timeout=60s")
            #expect(RunView(json: ended.json).state == .succeeded)
        }
    }

    @Test func `What cannot be done is refused with what to do`() async throws {
        try await ServedEngine.with { client in
            let unknown = try await client.ask(.post, "/api/v1/plugins/basics/disable")
            #expect(unknown.status == 404)
            #expect(unknown.json["detail"]?.string?.contains("\"basic\"") == true)
            let first = try await client.ask(.post, "/api/v1/plugins/basic/rollback")
            #expect(first.status == 409)
            #expect(first.json["code"]?.string == "plugin_state")
            let odd = try await client.ask(.post, "/api/v1/plugins/basic/disable", #"{"why": "x"}"#)
            #expect(odd.status == 400)
            let digest = try await client.ask(.put, "/api/v1/plugins/_allowed/abc")
            #expect(digest.status == 400)
        }
    }

    @Test func `The list of allowed plugins is kept and shown`() async throws {
        try await ServedEngine.with { client in
            let digest = String(repeating: "0a", count: 32)
            let put = try await client.ask(.put, "/api/v1/plugins/_allowed/\(digest)")
            #expect(AllowedPluginsView(json: put.json).allowed.map(\.digest) == [digest])
            #expect(AllowedPluginsView(json: put.json).policy == "off")
            let gone = try await client.ask(.delete, "/api/v1/plugins/_allowed/\(digest)")
            #expect(AllowedPluginsView(json: gone.json).allowed.isEmpty)
            let again = try await client.ask(.delete, "/api/v1/plugins/_allowed/\(digest)")
            #expect(again.status == 409)
        }
    }

    @Test func `A story says why, what happens next, and what to do`() {
        let now = Instant(microseconds: 1_800_000_000_000_000)
        var streak = CrashStreak(evidence(1, now), at: now)
        for run in 2...5 { _ = streak.add(evidence(RunID(run), now), most: 5, at: now) }
        var lineage = Lineage()
        lineage.activate(digest: String(repeating: "a", count: 64), version: "1.0.0", file: "text.so", at: now)
        lineage.activate(digest: String(repeating: "b", count: 64), version: "1.1.0", file: "text.so", at: now)
        let record = PluginRecord(
            path: "/p/text.so", digest: String(repeating: "b", count: 64), state: .active,
            descriptor: PluginDescriptor(id: "text", version: "1.1.0", vendor: "", abiVersion: 65_536, components: []),
            arrivedAt: now)
        let crash = CrashReport(
            StreakRecord(plugin: "text", component: "count", digest: record.digest, streak: streak), lines: ["row 7"])
        let material = PluginStory.Material(
            id: "text", standing: PluginStanding(lineage: lineage), crashes: [crash], now: now)
        let story = PluginStory(record, material).sentences.joined(separator: "\n")
        for part in [
            "Version 1.1.0 is active", "text/count is quarantined since 2027-01-15T08:00:00Z", "5 times in a row",
            "From 2027-01-15T08:15:00Z on one run at a time is tried", "berth plugin release text", "run 5, attempt 1",
            "| row 7", "generation 2", "`berth plugin rollback text` goes back to version 1.0.0",
        ] { #expect(story.contains(part), "\(part) in: \(story)") }
    }

    private func evidence(_ run: RunID, _ now: Instant) -> CrashEvidence {
        CrashEvidence(
            run: run, attempt: 1, startedAt: now, isLoadFailure: false, message: "SIGSEGV", limits: "time 5m")
    }
}
