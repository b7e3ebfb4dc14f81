import ArgumentParser
import HostHTTP
import JobModel
import Testing

@testable import berth

struct CommandLineTests {
    private func parse<Command>(_ arguments: [String], as type: Command.Type = Command.self) throws -> Command {
        try #require(try Berth.parseAsRoot(arguments) as? Command)
    }

    @Test func `an enqueue becomes the request that HTTP clients send`() throws {
        let command: EnqueueCommand = try parse([
            "enqueue", "text/wordcount", "--params", #"{"a":1,"b":2}"#, "-p", "b=[3]", "-p", "c=plain text",
            "--timeout", "5s",
            "--read", "/etc", "--queue", "mail", "--priority", "-2", "--in", "10m", "--unique", "k", "--retry", "4",
        ])
        #expect(
            try command.request().text
                == #"{"component":"text/wordcount","params":{"a":1,"b":[3],"c":"plain text"},"timeout":"5s","#
                + #""access":{"read":["/etc"],"write":[]},"queue":"mail","priority":-2,"in":"10m","unique":"k","retry":4}"#
        )
        _ = try RunRequest(json: try command.request(), now: Instant(microseconds: 0))
    }

    @Test(arguments: [
        ["enqueue", "a/b", "--params", "[1]"], ["enqueue", "a/b", "--params", "{"],
        ["enqueue", "a/b", "-p", "novalue"],
        ["enqueue", "a/b", "--params", "@/nonexistent"],
    ])
    func `params that are none are refused`(arguments: [String]) throws {
        let command: EnqueueCommand = try parse(arguments)
        let failure = try #require(throws: Failure.self) { try command.request() }
        #expect(failure.exit == .usage)
    }

    @Test(arguments: [
        [
            "serve", "--home", "/h", "--plugins", "/p", "--listen", "none", "--config", "/c", "--log-level", "debug",
            "--log-format", "json",
        ],
        ["run", "./x.so", "hello", "-p", "a=1", "--timeout", "5s", "--json"], ["run", "./x.so", "--debug"], ["runs"],
        ["runs", "list", "--state", "a,b"],
        ["runs", "show", "last"], ["runs", "logs", "-f", "7"], ["runs", "cancel", "7", "--reason", "x"],
        ["runs", "retry", "7"], ["job", "apply", "-f", "x.yaml", "--prune"], ["job", "list", "--json"],
        ["job", "trigger", "n", "--wait"], ["job", "delete", "n"], ["queue", "set", "mail", "--slots", "3"],
        ["queue", "pause", "mail"], ["component", "show", "a/b"], ["plugin", "list"],
        ["plugin", "show", "text", "--json"],
        ["plugin", "new", "hello", "--lang", "c"], ["plugin", "new", "hello", "--lang", "swift", "--kind", "runner"],
        ["plugin", "build", ".", "-o", "x.so"], ["plugin", "header"],
        ["status", "--host", "http://h:1"], ["config", "show", "--defaults"], ["config", "check"],
        ["doctor", "--json"], ["schedule", "explain", "0 30 2 * * *", "--tz", "Europe/Berlin"],
        [
            "schedule", "next", "0 0 * * *", "--after", "2024-01-01T00:00:00Z", "--count", "3", "--policy", "literal",
            "--json",
        ],
        ["schedule", "next", "0 0 * * *", "--day-rule", "vixie"], ["schedule", "next", "02:30", "--calendar"],
        ["simulate", "--jobs", "d", "--from", "2024-01-01T00:00:00Z", "--for", "7d", "--outage", "a..b", "--json"],
    ])
    func `the documented command lines parse`(arguments: [String]) throws {
        _ = try Berth.parseAsRoot(arguments)
    }

    @Test(arguments: [
        ["bogus"], ["enqueue"], ["job", "apply"], ["runs", "show"], ["plugin", "new", "x"], ["serve", "--port", "1"],
    ])
    func `other command lines are usage errors`(arguments: [String]) throws {
        let error = try #require(throws: (any Error).self) { try Berth.parseAsRoot(arguments) }
        #expect(Berth.exitCode(for: error) == .validationFailure)
    }

    @Test func `the help names every command`() {
        let help = Berth.helpMessage(columns: 100)
        for name in [
            "serve", "run", "enqueue", "status", "runs", "job", "queue", "plugin", "component", "config", "doctor",
            "schedule", "simulate",
        ] {
            #expect(help.contains("\n  \(name) "), "\(name)")
        }
        #expect(help.hasPrefix("OVERVIEW: A job host whose processors are plugins.\n"))
    }

    @Test(arguments: [
        ("text/wordcount", nil, true), ("./nothing.so", nil, false), ("wordcount", nil, false), ("a/b", "c", false),
    ])
    func `what to run is a component or a file that is there`(text: String, id: String?, isGood: Bool) {
        let target = try? RunTarget(text, id: id)
        #expect((target != nil) == isGood)
    }
}
