import Foundation
import GuestPool
import HostHTTP
import JobModel
import Testing
import Upstreams

@testable import berth

struct SettingsTests {
    /// Calls `body` with a file of that text.
    private func withFile<Result>(_ text: String, _ body: (String) throws -> Result) throws -> Result {
        let path = NSTemporaryDirectory() + "/berth-settings-\(UUID().uuidString).yaml"
        try Data(text.utf8).write(to: URL(fileURLWithPath: path))
        defer { try? FileManager.default.removeItem(atPath: path) }
        return try body(path)
    }

    private let bare = ["HOME": "/home/ada"]

    @Test func `without anything there are defaults`() throws {
        let settings = try Settings(environment: bare, file: "/dev/null")
        #expect(settings.listen == .tcp(host: "127.0.0.1", port: 7780))
        #expect(settings.plugins == settings.home + "/plugins")
        #expect(settings.slots == ProcessInfo.processInfo.activeProcessorCount * 2)
        #expect(settings.text(.sandbox) == "standard")
        #expect(settings.drain == .seconds(30))
        for key in SettingKey.allCases { #expect(settings.origin(key) == "default") }
    }

    @Test func `flags beat environment beats file`() throws {
        try withFile("listen: 1.1.1.1:1\nhome: /file\nplugins: /file/plugins\nslots: 3\n") { path in
            let settings = try Settings(
                flags: [.listen: "3.3.3.3:3"],
                environment: bare.merging(["BERTH_LISTEN": "2.2.2.2:2", "BERTH_PLUGINS": "/env"]) { $1 }, file: path)
            #expect(settings.listen == .tcp(host: "3.3.3.3", port: 3))
            #expect(settings.plugins == "/env")
            #expect(settings.home == "/file")
            #expect(settings.slots == 3)
            #expect(settings.origin(.listen) == "--listen")
            #expect(settings.origin(.plugins) == "BERTH_PLUGINS")
            #expect(settings.origin(.slots) == "\(path):4")
        }
    }

    @Test func `queues have slots`() throws {
        try withFile("queues:\n  mail: {slots: 2}\n  big: {slots: 1}\n") { path in
            let settings = try Settings(environment: bare, file: path)
            #expect(settings.queues.map(\.name) == ["mail", "big"])
            #expect(settings.queues.map(\.change.slots) == [2, 1])
        }
    }

    @Test func `plugins have configuration, secrets, limits and grants`() throws {
        let text = """
            plugins:
              text:
                config: {words: 3}
                secrets: {token: "env:TOKEN", key: "file:KEYFILE"}
                limits: {memory: 64MiB, open_files: 32, scratch: 1GiB, grace: 10s}
                grants: [network]
              other: {}
            """
        try withFile("from a file\n") { key in
            try withFile(text.replacingOccurrences(of: "KEYFILE", with: key)) { path in
                let settings = try Settings(environment: bare.merging(["TOKEN": "abc"]) { $1 }, file: path)
                let plugin = try #require(settings.layers.plugins["text"])
                #expect(plugin.configuration == "{\"words\":3}")
                #expect(plugin.secrets.map(\.name) == ["key", "token"])
                #expect(plugin.secrets.map(\.value) == [Array("from a file".utf8), Array("abc".utf8)])
                #expect(plugin.limits.memory == 64 << 20 && plugin.limits.openFiles == 32)
                #expect(plugin.limits.scratch == 1 << 30 && plugin.limits.grace == .seconds(10))
                #expect(plugin.grants == .network)
                #expect(settings.layers.plugins["other"]?.grants == Grants([]))
                #expect(settings.plugins == settings.home + "/plugins")
            }
        }
    }

    @Test func `paths in the file count from its folder, and others from where we are`() throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("berth-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: folder) }
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        try Data("k\n".utf8).write(to: folder.appendingPathComponent("key"))
        let file = folder.appendingPathComponent("berth.yaml")
        try Data(
            """
            home: data
            jobs: ./jobs
            upstreams:
              cron:
                kind: cronjob
                url: http://c:1/api/v1
                worker: {id: 11111111-2222-4333-8444-555555555555, name: w}
                api_key: {file: key}
                tasks: [command]
                ca: ca.pem
            """.utf8
        ).write(to: file)
        let settings = try Settings(environment: bare, file: file.path)
        #expect(settings.home == folder.appendingPathComponent("data").path)
        #expect(settings.jobs.folder == folder.appendingPathComponent("jobs").path)
        #expect(settings.plugins == settings.home + "/plugins")
        guard case .cronjob(let cron)? = settings.upstreams.first?.settings else {
            Issue.record("no upstream")
            return
        }
        #expect(cron.key.text == "k")
        #expect(cron.authorities == folder.appendingPathComponent("ca.pem").path)
        let here = FileManager.default.currentDirectoryPath
        #expect(try Settings(flags: [.jobs: "mine"], environment: bare, file: file.path).jobs.folder == here + "/mine")
    }

    @Test func `both notations of a secret are read in both places`() throws {
        let text = """
            plugins:
              text:
                secrets: {a: {env: TOKEN}, b: "env:TOKEN"}
            """
        try withFile(text) { path in
            let settings = try Settings(environment: bare.merging(["TOKEN": "abc"]) { $1 }, file: path)
            #expect(settings.layers.plugins["text"]?.secrets.map(\.value) == [Array("abc".utf8), Array("abc".utf8)])
        }
        let surroundings = Surroundings(environment: ["TOKEN": "abc"])
        for json: JSONValue in [["env": "TOKEN"], "env:TOKEN"] {
            #expect(try SecretSource(json, path: "key").bytes(path: "key", in: surroundings) == Array("abc".utf8))
        }
    }

    @Test func `how guests of a plugin are kept is read, and the rest is as always`() throws {
        let text = """
            plugins:
              fresh: {isolation: oneshot}
              warm:
                guests: {min: 1, max: 4, idle: 5s, attempts: 1000, memory: 64MiB}
              few: {guests: {max: 2}}
            """
        try withFile(text) { path in
            let plugins = try Settings(environment: bare, file: path).layers.plugins.mapValues(\.keeping)
            #expect(plugins["fresh"]?.isolation == .oneshot)
            let warm = try #require(plugins["warm"])
            #expect(warm.isolation == .pool && warm.minimum == 1 && warm.maximum == 4 && warm.attempts == 1000)
            #expect(warm.idle == .seconds(5) && warm.memoryBytes == 64 << 20)
            #expect(plugins["few"]?.words == "pool, at most 2, idle for 60 s at most, replaced above 512 MiB")
        }
    }

    @Test func `a plugin's sandbox is the standard one with what the plugin says`() throws {
        let text = """
            plugins:
              plain: {}
              named: {sandbox: none}
              jit:
                sandbox: {MemoryDenyWriteExecute: no}
              open: {sandbox: {profile: standard, PrivatePIDs: yes}}
            sandbox: strict
            """
        try withFile(text) { path in
            let settings = try Settings(environment: bare, file: path)
            let plugins = settings.layers.plugins.mapValues(\.sandbox)
            #expect(settings.sandbox == .strict)
            #expect(plugins["plain"] == .strict)
            #expect(plugins["named"] == SandboxRules.none)
            #expect(plugins["jit"]?.words == "strict, MemoryDenyWriteExecute: no")
            #expect(plugins["jit"]?.features.contains(.denyWriteExecute) == false)
            #expect(plugins["jit"]?.features.contains(.privateNetwork) == true)
            #expect(plugins["open"]?.words == "standard, PrivatePIDs: yes")
            let chosen = try Settings(environment: bare.merging(["BERTH_SANDBOX": "standard"]) { $1 }, file: path)
            #expect(chosen.sandbox == .standard)
            #expect(chosen.layers.plugins["plain"]?.sandbox == .standard)
        }
    }

    @Test(arguments: [
        ("plugins:\n  Text: {}\n", ":2: \"plugins.Text\" is no plugin id"),
        (
            "plugins:\n  text:\n    confg: {}\n",
            ":3: \"plugins.text.confg\" is not a field here; did you mean \"config\"?"
        ),
        ("plugins:\n  text:\n    config: 3\n", ":3: \"plugins.text.config\" must be an object"),
        (
            "plugins:\n  text:\n    secrets:\n      a: hunter2\n",
            ":4: \"plugins.text.secrets.a\" must be {env: NAME} or {file: PATH}"
        ),
        ("plugins:\n  text:\n    secrets: {a: \"env:NOPE\"}\n", "names the variable NOPE, which is not set"),
        ("plugins:\n  text:\n    secrets: {a: \"file:/none\"}\n", "names the file /none, which cannot be read"),
        ("plugins:\n  text:\n    limits: {memory: lots}\n", "\"plugins.text.limits.memory\" must be a size"),
        (
            "plugins:\n  text:\n    grants: [root]\n",
            ":3: \"plugins.text.grants\" must be a list of network and subprocess"
        ),
        ("plugins:\n  text:\n    isolation: none\n", ":3: \"plugins.text.isolation\" must be pool or oneshot"),
        ("plugins:\n  text:\n    guests: {min: 3, max: 2}\n", ":3: \"plugins.text.guests.min\" must not be more"),
        ("plugins:\n  text:\n    guests: {maxx: 2}\n", ":3: \"plugins.text.guests.maxx\" is not a field here"),
        ("plugins:\n  text:\n    guests: {idle: 0s}\n", "\"plugins.text.guests.idle\" must be a duration"),
        ("plugins:\n  text:\n    guests: {drain: soon}\n", "\"plugins.text.guests.drain\" must be a duration"),
        ("plugins:\n  text:\n    sandbox: tight\n", ":3: \"plugins.text.sandbox\" must be none, standard or strict"),
        (
            "plugins:\n  text:\n    sandbox:\n      PrivateNetwrk: yes\n",
            ":4: \"plugins.text.sandbox.PrivateNetwrk\" is not a field here; did you mean \"PrivateNetwork\"?"
        ),
        (
            "plugins:\n  text:\n    sandbox: {PrivatePIDs: maybe}\n",
            "\"plugins.text.sandbox.PrivatePIDs\" must be yes or no"
        ),
    ])
    func `a mistake about a plugin is named with its line and without secrets`(text: String, words: String) throws {
        try withFile(text) { path in
            let failure = try #require(throws: Failure.self) { try Settings(environment: bare, file: path) }
            #expect(failure.message.hasPrefix(path))
            #expect(failure.message.contains(words), "\(failure.message)")
            #expect(!failure.message.contains("hunter2"))
        }
    }

    @Test(arguments: [
        ("listen: none\nlog_levle: debug\n", ":2: there is no setting \"log_levle\"; did you mean \"log_level\"?"),
        ("zebra: 1\n", ":1: there is no setting \"zebra\"; known: "),
        ("slots: many\n", ":1: slots must be a whole number from 1 to 1000; it is many."),
        ("sandbox: loose\n", ":1: \"sandbox\" must be none, standard or strict; it is loose."),
        ("drain: 5\n", ":1: drain must be a duration such as 30s; it is 5."),
        ("queues: [mail]\n", ":1: queues must be names with their settings"),
        ("queues: {Mail: {slots: 1}}\n", ":1: queues has no place for a queue named \"Mail\""),
        ("queues:\n  mail: {slots: 2, rate: often}\n", ":2: \"queues.mail.rate\" must be none or starts per time"),
        ("queues: {mail: {min_slots: 2000}}\n", ":1: \"queues.mail.min_slots\""),
        ("- listen\n", ":1: must hold settings"),
        ("listen: [\n", ":2: "),
    ])
    func `a mistake in the file is named with its line`(text: String, words: String) throws {
        try withFile(text) { path in
            let failure = try #require(throws: Failure.self) { try Settings(environment: bare, file: path) }
            #expect(failure.exit == .usage)
            #expect(failure.message.hasPrefix(path))
            #expect(failure.message.contains(words), "\(failure.message)")
        }
    }

    @Test(arguments: [
        ("none", Settings.Listen.none), ("127.0.0.1:0", .tcp(host: "127.0.0.1", port: 0)),
        ("[::1]:80", .tcp(host: "::1", port: 80)), ("localhost:7780", .tcp(host: "localhost", port: 7780)),
    ])
    func `addresses are read and written`(text: String, listen: Settings.Listen) {
        #expect(Settings.Listen(text) == listen)
        #expect(listen.text == text)
    }

    @Test(arguments: ["", "7780", ":7780", "::1:80", "host:99999", "host:-1", "host:"])
    func `other addresses are refused`(text: String) {
        #expect(Settings.Listen(text) == nil)
    }

    @Test func `a configuration file that was named must be there`() throws {
        let failure = try #require(throws: Failure.self) {
            try Settings(environment: bare, file: "/nonexistent/berth.yaml")
        }
        #expect(failure.message.contains("/nonexistent/berth.yaml"))
    }

    @Test func `settings that are there and cannot be read are no settings to do without`() throws {
        let home = "/tmp/berth-settings-\(UUID().uuidString)"
        defer { try? FileManager.default.removeItem(atPath: home) }
        try FileManager.default.createDirectory(atPath: home + "/berth.yaml", withIntermediateDirectories: true)
        let failure = try #require(throws: Failure.self) {
            try Settings(environment: ["BERTH_HOME": home], file: nil)
        }
        #expect(failure.exit == .usage && failure.message.contains("\(home)/berth.yaml cannot be read: Is a directory"))
        try FileManager.default.removeItem(atPath: home + "/berth.yaml")
        #expect(try Settings(environment: ["BERTH_HOME": home], file: nil).home == home)
    }

    @Test func `a misspelt field of the policy is refused`() throws {
        try withFile("plugin_policy: {mode: enforce, alow: []}\n") { path in
            let failure = try #require(throws: Failure.self) { try Settings(environment: bare, file: path) }
            #expect(failure.message.contains("\"alow\""), "\(failure.message)")
        }
    }
}
