import JobModel
import Testing

@testable import JobStore

/// The statements of the store against the one table of moves.
@Suite struct RunMoveTests {
    let home: TemporaryHome
    let store: JobStore

    init() throws {
        home = try TemporaryHome()
        store = try home.open()
    }

    private func mutation(_ move: RunMove, _ id: RunID, to state: RunState) -> Mutation {
        let at = Instant(microseconds: 50)
        return switch move {
        case .start: Sample.start(id)
        case .takeBack: .unstart(id, number: 1)
        case .end: Sample.finish(id, to: state)
        case .close: Sample.close(id, to: state)
        case .pause: .pause(id, at: at, actor: "cli", reason: "wait")
        case .resume: .resume(id, at: at, actor: "cli", reason: nil)
        case .reopen: Sample.reopen(id)
        case .resolve: .resolve(id, to: state, at: at, actor: "cli", reason: "seen")
        }
    }

    @Test(arguments: RunMove.allCases)
    func `a move leaves the states of the table, leads to those of the table, and does nothing else`(
        move: RunMove
    ) async throws {
        var id: RunID = 0
        for state in RunState.allCases {
            for next in RunState.allCases where move.to.contains(next) || [.close, .resolve, .end].contains(move) {
                id += 1
                var making = Sample.making(id, state)
                if move == .resume, state == .held {
                    making = [
                        .insert(Sample.run(id)), .pause(id, at: Instant(microseconds: 9), actor: "cli", reason: nil),
                    ]
                }
                _ = try await store.apply(making)
                let answer = try await store.words([mutation(move, id, to: next)])
                let isLegal = move.leads(from: state, to: next)
                let yes = [.reopen, .resume].contains(move) ? "replaced \(id)" : "applied"
                #expect(answer == [isLegal ? yes : "refused"], "\(move) from \(state) to \(next)")
                #expect(try await store.run(id)?.state == (isLegal ? next : state), "\(move) from \(state) to \(next)")
            }
        }
        let counted = try await store.counts().values.reduce(0, +)
        #expect(counted == Int(id), "the totals agree")
    }

    @Test func `a run that is held for its effect is not resumed`() async throws {
        _ = try await store.apply(Sample.making(1, .held))
        #expect(try await store.words([mutation(.resume, 1, to: .pending)]) == ["refused"])
        _ = try await store.apply([Sample.reopen(1), mutation(.pause, 1, to: .held)])
        #expect(try await store.words([mutation(.resume, 1, to: .pending)]) == ["replaced 1"])
        #expect(try await store.transitions(of: 1).map(\.to) == [.held, .pending, .held, .pending])
    }

    @Test func `a paused run is in no lane and comes back to its place`() async throws {
        _ = try await store.apply([.insert(Sample.run(1)), .insert(Sample.run(2)), mutation(.pause, 1, to: .held)])
        #expect(try await store.lane(Sample.lane).map(\.id) == [2])
        _ = try await store.apply([mutation(.resume, 1, to: .pending)])
        #expect(try await store.lane(Sample.lane).map(\.id) == [1, 2])
    }

    @Test(arguments: RunState.allCases)
    func `a run is edited where that makes sense`(state: RunState) async throws {
        _ = try await store.apply(Sample.making(1, state))
        let policy = RunPolicy(timeout: .seconds(7))
        let edit = RunEdit(params: Array("{\"new\":1}".utf8), policy: policy)
        let answer = try await store.words([.edit(1, edit, at: Instant(microseconds: 60), actor: "cli")])
        let isLegal = state != .running && state != .succeeded
        #expect(answer == [isLegal ? "replaced 1" : "refused"])
        let run = try await store.run(1)
        #expect(run?.policy == (isLegal ? policy : .standard))
        #expect(run?.state == state)
        // Params alone leave the policy.
        _ = try await store.apply([.edit(1, RunEdit(params: []), at: Instant(microseconds: 61), actor: "cli")])
        #expect(try await store.run(1)?.policy == (isLegal ? policy : .standard))
    }

    @Test(arguments: RunState.allCases)
    func `only a pending run is given another due time`(state: RunState) async throws {
        _ = try await store.apply(Sample.making(1, state))
        let before = try await store.run(1)?.due
        let due = Instant(microseconds: 7)
        let answer = try await store.words([.edit(1, RunEdit(due: due), at: due, actor: "cli")])
        #expect(answer == [state == .pending ? "replaced 1" : "refused"])
        #expect(try await store.run(1)?.due == (state == .pending ? due : before))
    }

    @Test func `filters find runs by their tags, keys, sources and outcomes`() async throws {
        var tagged = Sample.run(1)
        tagged.tags = try #require(RunTags(["a", "b"]))
        tagged.correlation = "order 7"
        var keyed = Sample.run(2)
        keyed.uniqueKey = "k"
        keyed.source = .trigger
        keyed.tags = try #require(RunTags(["b"]))
        _ = try await store.apply([.insert(tagged), .insert(keyed)] + Sample.making(3, .running))
        _ = try await store.apply([Sample.finish(3, to: .failed, end: Sample.end(.crashed(.abort)))])
        func ids(_ text: String) async throws -> [RunID] {
            try await store.runs(RunFilter(text: text, now: Instant(microseconds: 100))).map(\.id)
        }
        #expect(try await ids("tag:b") == [2, 1])
        #expect(try await ids("tag:b tag:a") == [1])
        #expect(try await ids("correlation:\"order 7\"") == [1])
        #expect(try await ids("key:k source:trigger") == [2])
        #expect(try await ids("outcome:crashed") == [3])
        #expect(try await ids("outcome:failed") == [])
        #expect(try await ids("state:pending tag:b") == [2, 1])
        #expect(try await ids("since:1970-01-01T00:00:00Z until:1970-01-01T00:00:01Z") == [3, 2, 1])
    }
}
