import Foundation
import TestSupport
import Testing

/// What is said about sandboxes, and what happens where a machine cannot give one.
struct SandboxReportTests {
    private struct Report: Decodable {
        struct Finding: Decodable {
            var verdict: String
            var subject: String
            var text: String
        }

        var findings: [Finding]
    }

    /// What `unshare` can make beside the doctor is what the doctor has to say, where one kind of namespace is refused.
    @Test(
        .enabled("unshare(1) may not make namespaces here", RootOfItsOwn.isThere),
        arguments: ["", "max_user_namespaces", "max_pid_namespaces", "max_net_namespaces"])
    func `the doctor says of each namespace what the machine gives`(refused: String) async throws {
        let home = temporaryFolder().path
        let refuse = refused.isEmpty ? "" : "echo 0 > /proc/sys/user/\(refused);"
        let said = try await RootOfItsOwn.run(
            """
            \(refuse) for kind in user pid net; do
                unshare --fork --$kind true 2>/dev/null && echo "$kind" >&2
            done
            exec '\(RunningHost.program)' doctor --home '\(home)' --json
            """)
        let given = Set(said.errors.split(whereSeparator: \.isWhitespace).map(String.init))
        #expect(given.count == (refused.isEmpty ? 3 : 2), "\(said.errors)")
        let findings = try JSONDecoder().decode(Report.self, from: Data(said.output.utf8)).findings
        func isGood(_ subject: String) -> Bool { findings.contains { $0.subject == subject && $0.verdict == "ok" } }
        for (kind, subject) in [("user", "user"), ("pid", "pid"), ("net", "network")] {
            #expect(isGood("\(subject) namespace") == given.contains(kind), "\(said.output)")
        }
        let grants = try #require(findings.first { $0.subject == "with grants" }).text
        #expect(grants.contains("no process namespace") != given.contains("pid"), "\(said.output)")
        let strict = try #require(findings.first { $0.subject == "sandbox strict" }).text
        for (kind, gap) in [
            ("user", "no user namespace"), ("pid", "no process namespace"), ("net", "no network namespace"),
        ] {
            #expect(strict.contains(gap) != given.contains(kind), "\(strict)")
        }
    }

    @Test func `the doctor tries every sandbox out`() async throws {
        let home = temporaryFolder().path
        let said = try await Shell.run(RunningHost.program, "doctor", "--home", home, "--json")
        let report = try JSONDecoder().decode(Report.self, from: Data(said.output.utf8))
        let subjects = report.findings.map(\.subject)
        for subject in [
            "user", "landlock", "write xor execute", "seccomp", "sandbox standard", "with grants", "sandbox strict",
            "user namespace", "pid namespace", "network namespace", "cgroup", "core dumps",
        ] {
            #expect(subjects.contains(subject), "\(subject)")
        }
        #expect(report.findings.allSatisfy { !$0.text.isEmpty && $0.verdict != "bad" }, "\(said.output)")
    }

    @Test func `a machine that cannot give all of a sandbox is refused when all of it is required`() async throws {
        let library = try FixturePlugin.library("basic").path
        let words = [RunningHost.program, "run", library, "noop", "--as-linux-6.1"]
        #expect(try await Shell.run(words).status == 0)
        let refused = try await Shell.run(words + ["--require-sandbox"])
        #expect(refused.status == 6)
        #expect(refused.errors.contains("cannot give all of the sandbox standard"), "\(refused.errors)")
        #expect(refused.errors.contains("Landlock ABI"), "\(refused.errors)")
    }

    @Test func `a plugin's page says what its sandbox lacks`() async throws {
        try await RunningHost.with(options: ["--as-linux-6.1"]) { host in
            let page = try await host.berth("plugin", "show", "text").output
            #expect(page.contains("without") && page.contains("Landlock ABI 4"), "\(page)")
            let facts = try await host.berth("plugin", "show", "text", as: Page.self)
            #expect(facts.sandboxGaps.contains { $0.contains("Landlock ABI 6") }, "\(facts.sandboxGaps)")
        }
    }

    @Test func `a host that requires all of its sandbox does not start where it cannot be had`() async throws {
        let home = temporaryFolder()
        let refusal = await #expect(throws: HostFailure.self) {
            try await RunningHost.with(home: home, options: ["--as-linux-6.1", "--require-sandbox"]) { _ in }
        }
        let words = refusal?.description ?? ""
        #expect(words.contains("cannot give all of the sandbox standard that every plugin asks for"), "\(words)")
        // It gave its home back.
        try await RunningHost.with(home: home, options: ["--as-linux-6.1"]) { _ in }
    }

    private struct Page: Decodable {
        var sandboxGaps: [String]
    }

    @Test func `a plugin's page says what holds for it`() async throws {
        try await RunningHost.with(options: ["--sandbox", "strict"]) { host in
            let page = try await host.berth("plugin", "show", "text").output
            #expect(page.contains("sandbox") && page.contains("strict"), "\(page)")
        }
    }
}

/// A shell that is root in a user namespace of its own, where the settings of namespaces can be lowered for itself alone.
private enum RootOfItsOwn {
    static func isThere() async throws -> Bool {
        try await run("unshare --user --pid --net --fork true && echo 0 > /proc/sys/user/max_net_namespaces").status
            == 0
    }

    static func run(_ script: String) async throws -> Finished {
        try await Shell.run("unshare", "-Ur", "sh", "-c", script)
    }
}
