import JobModel
import Testing

@testable import berth

struct JobFileTests {
    @Test func `a file of jobs is read`() throws {
        let jobs = try JobFile.jobs(
            in: """
                jobs:
                  - name: licenses
                    description: counts words
                    component: text/wordcount
                    params: {path: /usr/share/common-licenses, deep: true, ratio: 1.50}
                    schedule: {cron: "*/5 * * * *", zone: Europe/Berlin}
                    timeout: 30s
                    retry: {attempts: 2, delay: 1s}
                    access: {read: [/usr/share/common-licenses]}
                  - name: tick
                    component: chaos/sleep
                    every: 10s
                    enabled: false
                """)
        #expect(jobs.map(\.name) == ["licenses", "tick"])
        let first = try #require(jobs.first)
        #expect(first.schedule == .cron("*/5 * * * *", zone: "Europe/Berlin"))
        #expect(first.params == #"{"path":"/usr/share/common-licenses","deep":true,"ratio":1.50}"#)
        #expect(first.policy.timeout == .seconds(30))
        #expect(first.policy.retry.attempts == 2)
        #expect(first.policy.access.read == ["/usr/share/common-licenses"])
        #expect(jobs.last?.schedule == .every(.seconds(10)))
        #expect(jobs.last?.enabled == false)
    }

    @Test func `a list and several documents are read too`() throws {
        #expect(try JobFile.jobs(in: "- {name: a, component: x/y}\n- {name: b, component: x/y}").count == 2)
        #expect(
            try JobFile.jobs(in: "name: a\ncomponent: x/y\n---\nname: b\ncomponent: x/y\n").map(\.name) == ["a", "b"])
        #expect(try JobFile.jobs(in: "jobs: []").isEmpty)
    }

    @Test func `every entry with a mistake is named, with its line`() throws {
        let text = """
            jobs:
              - {name: a, component: x/y, retyr: 2}
              - {name: b, component: x/y}
              - {name: b, component: x/y}
              - name: c
                component: nonsense
            """
        let error = try #require(throws: YAMLError.self) { try JobFile.content(of: text) }
        #expect([error.line] + error.others.map(\.line) == [2, 4, 6])
        let lines = error.failure(file: "f.yaml").message.split(separator: "\n")
        #expect(lines.count == 3 && lines[2].hasPrefix("f.yaml:6: \"jobs[3].component\""), "\(lines)")
        #expect(error.summary.hasSuffix("(and 2 more in lines 4, 6)"), "\(error.summary)")
    }

    @Test(arguments: ["", "# nothing\n", "---\n"])
    func `an empty file is refused, so that it cannot prune every job`(text: String) {
        #expect(throws: YAMLError.self) { try JobFile.jobs(in: text) }
    }

    @Test func `a value that was refused has the line of its field`() throws {
        let content = try JobFile.content(
            of: "- {name: mail, component: x/y}\n- name: b\n  component: x/y\n  queue: mail\n")
        #expect(content.line(ofValue: "mail", field: "queue") == 4)
        #expect(content.line(ofValue: "mail", field: "unique") == 1)
        #expect(content.line(ofValue: "nobody", field: "queue") == nil)
    }

    @Test func `a time is read as YAML has it`() throws {
        let jobs = try JobFile.jobs(in: "name: a\ncomponent: x/y\nat: 1970-01-01T00:00:01Z\n")
        #expect(jobs.first?.schedule == .at(Instant(microseconds: 1_000_000)))
    }

    @Test(arguments: [
        ("jobs:\n  - name: a\n    component: x/y\n    tiemout: 5s\n", 4, "did you mean \"timeout\"?"),
        ("jobs:\n  - name: a\n    component: x\n", 3, "must be a component such as"),
        ("jobs:\n  - component: x/y\n", 2, "is missing"),
        ("jobs:\n  - name: a\n    component: x/y\n    retry:\n      attempts: many\n", 5, "must be a whole number"),
        ("jobs:\n  - {name: a, component: x/y}\n  - {name: a, component: x/y}\n", 3, "is already the name of jobs[0]"),
        ("jobs:\n  - name: a\n    name: b\n", 3, "comes twice, first in line 2: merge"),
        ("jobs:\n  - {name: a, name: b}\n", 2, "comes twice: merge"),
        ("jobs:\n  - name: a\n    component: x/y\n    schedule:\n      cron: 61 * * * *\n", 5, "is no schedule: "),
        ("jobs: 5\n", 1, "must be a list of jobs"),
        ("jobs: []\njops: []\n", 2, "did you mean \"jobs\"?"),
        ("name: a\n component: b\n", 2, ""),
        ("name: a\ncomponent: x/y\ntimeout: 5\n", 3, "must be \"none\" or a duration"),
        ("name: a\ncomponent: x/y\nenabled: yes\n", 3, "must be true or false"),
    ])
    func `a mistake is refused with its line`(text: String, line: Int, reason: String) throws {
        let error = try #require(throws: YAMLError.self) { try JobFile.jobs(in: text) }
        #expect(error.line == line, "\(error.reason)")
        #expect(error.reason.contains(reason), "\(error.reason)")
    }
}
