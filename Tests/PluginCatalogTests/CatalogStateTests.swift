import GuestPool
import JobModel
import Testing

@testable import PluginCatalog

struct CatalogStateTests {
    @Test func `No more than two probes run at once, and each end starts the next`() {
        var state = CatalogState()
        let first = state.drop("a.so", digest: "a") + state.drop("b.so", digest: "b")
        #expect(first == [.probe(file("a")), .probe(file("b"))])
        #expect(state.drop("c.so", digest: "c") == [])
        #expect(state.take(.probed(file("b"), .loaded(descriptor("b"), report))) == [.probe(file("c"))])
    }

    @Test func `Files with the same bytes are probed once`() {
        var state = CatalogState()
        #expect(state.drop("a.so", digest: "a") == [.probe(file("a"))])
        #expect(state.drop("b.so", digest: "a") == [])
        _ = state.take(.probed(file("a"), .loaded(descriptor("x"), report)))
        _ = state.choose(at: .distantPast)
        let states = state.snapshot(folder: "/p").plugins.map(\.state)
        #expect(states == [.shadowed, .active])
    }

    @Test func `What became of earlier bytes of a name does not count`() throws {
        var state = CatalogState()
        let tickets = [state.ticket(of: "a.so"), state.ticket(of: "a.so")].compactMap(\.self)
        try #require(tickets.count == 2)
        let failure = StagingFailure(digest: "", rejection: .empty)
        _ = state.take(.staged("a.so", ticket: tickets[0], .failure(failure)))
        #expect(state.entries["a.so"]?.isChecking == true)
        _ = state.take(.staged("a.so", ticket: tickets[1], .failure(failure)))
        #expect(state.entries["a.so"]?.isChecking == false)
    }

    @Test func `A version forbidden while it is probed is not used`() {
        var state = CatalogState(
            policy: PluginPolicy(mode: .enforce), decisions: Decisions(allowed: [Self.digest: Self.ruling]))
        _ = state.drop("a.so", digest: Self.digest)
        _ = state.take(.order(.forbid(Self.digest), 1))
        _ = state.take(.probed(file(Self.digest), .loaded(descriptor("x"), report)))
        _ = state.choose(at: .distantPast)
        #expect(state.active.isEmpty)
        #expect(state.snapshot(folder: "/p").plugins.map(\.state) == [.rejected])
    }

    /// A way back leads only where the policy allows, whether it was read already or not.
    @Test func `A kept version that is on no list is not gone back to`() {
        var lineage = Lineage()
        lineage.activate(digest: "old", version: "1.0.0", file: "a.so", at: .distantPast)
        lineage.activate(digest: Self.digest, version: "1.0.1", file: "a.so", at: .distantPast)
        for mode in PluginPolicy.Mode.allCases {
            var state = CatalogState(
                policy: PluginPolicy(mode: mode),
                decisions: Decisions(allowed: [Self.digest: Self.ruling], lineages: ["x": lineage]))
            _ = state.drop("a.so", digest: Self.digest)
            _ = state.take(.probed(file(Self.digest), .loaded(descriptor("x"), report)))
            _ = state.choose(at: .distantPast)
            let commands = state.take(.order(.goBack("x", from: nil, Self.ruling), 1))
            let isRecalled = commands.contains { if case .recall = $0 { true } else { false } }
            #expect(isRecalled == (mode != .enforce), "\(mode)")
            state.decisions.setAside[Self.digest] = SetAside(plugin: "x", version: "1.0.1", ruling: Self.ruling)
            #expect((state.newestKept(of: "x") == nil) == (mode == .enforce), "\(mode)")
        }
    }

    @Test func `A kept version is not forgotten for what is not its fault, and read again later`() {
        var lineage = Lineage()
        lineage.activate(digest: "old", version: "1.0.0", file: "a.so", at: .distantPast)
        var state = CatalogState(decisions: Decisions(lineages: ["x": lineage]))
        state.recalls = ["old"]
        let lost = Rejection.probe(ProbeFailure(stage: .spawn, message: "no memory"))
        for delay in [Duration.seconds(1), .seconds(2), .seconds(4)] {
            let commands = state.take(.recalled("old", .failure(lost)))
            #expect(commands == [.recallLater(lineage.generations[0], delay)])
        }
        #expect(state.decisions.digests == ["old"])
        #expect(state.recalls == ["old"])
        let broken = Rejection.probe(ProbeFailure(stage: .crashed, message: "SIGSEGV"))
        #expect(state.take(.recalled("old", .failure(broken))) == [])
        #expect(state.decisions.digests.isEmpty)
        #expect(state.recalls.isEmpty)
    }

    private static let digest = String(repeating: "a", count: 64)
    private static let ruling = Ruling(by: "cli", at: .distantPast)

    @Test func `A file that goes while it waits is not probed`() {
        var state = CatalogState()
        _ = state.drop("a.so", digest: "a") + state.drop("b.so", digest: "b") + state.drop("c.so", digest: "c")
        _ = state.take(.folder(.gone("c.so")))
        #expect(state.take(.probed(file("a"), .failed(ProbeFailure(stage: .crashed, message: "SIGSEGV")))) == [])
        #expect(state.snapshot(folder: "/p").plugins.first?.reason == "SIGSEGV")
    }

    @Test func `A file whose probes are killed each time is rejected after a while`() {
        let killed = ProbeFailure(stage: .crashed, message: "crashed while loading: SIGKILL", isCircumstance: true)
        let noProcess = ProbeFailure(stage: .process, message: "no process")
        var state = CatalogState()
        _ = state.drop("a.so", digest: "a")
        for lost in 0..<CatalogState.mostLostProbes {
            #expect(state.take(.probed(file("a"), .failed(killed))).count == 1, "\(lost)")
            #expect(state.snapshot(folder: "/p").plugins.first?.state == .checking)
            _ = state.take(.probeDue(file("a")))
        }
        // A machine that has no process to give is still not its fault.
        #expect(state.take(.probed(file("a"), .failed(noProcess))).count == 1)
        _ = state.take(.probeDue(file("a")))
        _ = state.take(.probed(file("a"), .failed(killed)))
        #expect(state.snapshot(folder: "/p").plugins.first?.state == .rejected)
    }

    @Test func `The first scan is complete when all it found is judged or gone`() throws {
        var state = CatalogState()
        let first = state.ticket(of: "a.so")
        let ticket = try #require(first)
        _ = state.take(.folder(.appeared("b.so", .any)))
        _ = state.take(.folder(.looked))
        #expect(!state.isComplete)
        _ = state.take(.staged("a.so", ticket: ticket, .failure(StagingFailure(digest: "", rejection: .empty))))
        #expect(!state.isComplete)
        _ = state.take(.folder(.gone("b.so")))
        #expect(state.isComplete)
        _ = state.take(.folder(.appeared("c.so", .any)))
        #expect(state.isComplete)
    }

    @Test(arguments: [
        (id: "No Id", version: "1.0.0", component: "x", reason: "the id \"No Id\""),
        (id: "ok", version: "one", component: "x", reason: "the version \"one\""),
        (id: "ok", version: "1.0.0", component: "X", reason: "the component id \"X\""),
    ])
    func `A descriptor that breaks the naming rules is refused`(
        _ example: (id: String, version: String, component: String, reason: String)
    ) {
        var state = CatalogState()
        _ = state.drop("a.so", digest: "a")
        let descriptor = PluginDescriptor(
            id: example.id, version: example.version, vendor: "", abiVersion: 1 << 16,
            components: [ComponentDescriptor(id: example.component, kind: .handler)])
        _ = state.take(.probed(file("a"), .loaded(descriptor, report)))
        #expect(state.snapshot(folder: "/p").plugins.first?.reason?.contains(example.reason) == true)
    }

    private func file(_ digest: String) -> StagedFile { StagedFile(digest: digest, library: "/s/\(digest)") }

    private func descriptor(_ id: String) -> PluginDescriptor {
        PluginDescriptor(
            id: id, version: "1.0.0", vendor: "", abiVersion: 1 << 16,
            components: [ComponentDescriptor(id: "x", kind: .handler)])
    }

    private let report = SandboxReport()
}

extension CatalogState {
    /// A file arrives; the ticket of the staging that is asked for.
    fileprivate mutating func ticket(of name: String) -> UInt64? {
        guard case .stage(_, let ticket, _) = take(.folder(.ready(name, .any, mayBeKnown: true))).first else {
            return nil
        }
        return ticket
    }

    /// A file arrives and is staged.
    fileprivate mutating func drop(_ name: String, digest: String) -> [Command] {
        guard let ticket = ticket(of: name) else { return [] }
        let staged = StagedFile(digest: digest, library: "/s/\(digest)")
        let plugin = StagedPlugin(file: staged)
        return take(.staged(name, ticket: ticket, .success(plugin)))
    }
}

extension FileStamp {
    fileprivate static let any = FileStamp(device: 1, inode: 1, size: 1, modified: 0, changed: 0)
}
