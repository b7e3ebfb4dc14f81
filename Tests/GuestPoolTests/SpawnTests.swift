import Foundation
import JobModel
import Testing

@testable import GuestPool

@Suite(.serialized) struct SpawnTests {
    @Test
    func `A guest has a session, three streams, its socket, its folder and a few variables, and nothing else`()
        async throws
    {
        // What a careless host would hand on: a descriptor that survives an exec, and a secret in its environment.
        let leak = fcntl(0, F_DUPFD, 100)
        defer { close(leak) }
        setenv("BERTH_TEST_SECRET", "hunter2", 1)
        defer { unsetenv("BERTH_TEST_SECRET") }
        try await PoolFixture.with { fixture in
            let order = AttemptOrder(
                key: AttemptKey(run: 1, number: 1), slot: 0,
                spec: fixture.pool.intern(try fixture.spec("surroundings")),
                component: 0, rootRun: 1, params: Array("{}".utf8), limit: .seconds(60))
            let end = try await fixture.end(of: order)
            var seen = Set(String(decoding: end.output, as: UTF8.self).split(separator: "\n").map(String.init))
            // The host's own zone, where it has one.
            seen.remove("variable TZ")
            #expect(
                seen == [
                    "descriptor 0", "descriptor 1", "descriptor 2", "descriptor 3 closes", "descriptor 4 closes",
                    "session of its own",
                    "variable PATH", "variable LANG", "variable LC_ALL", "variable TMPDIR", "variable HOME",
                    "variable BERTH_GUEST",
                ])
        }
    }

    @Test(arguments: [Namespaces.users, .processes, .network])
    func `A guest has every namespace that the system gives, whichever kind it does not give`(refused: Namespaces) {
        let all: Namespaces = [.users, .processes, .network]
        let made = all.choices.first { $0.isDisjoint(with: refused) }
        #expect(made == all.subtracting(refused))
        #expect(all.choices.first == all && all.choices.last == [])
    }

    @Test func `What the system gives in a user namespace alone is tried in one`() {
        #expect(Namespaces.processes.choices == [.processes, [.processes, .users], []])
        #expect(Namespaces([]).choices == [[]])
    }
}
