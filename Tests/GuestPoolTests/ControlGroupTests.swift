import Foundation
import JobModel
import Logging
import TestSupport
import Testing

@testable import GuestPool

/// What guests hold that no process of theirs has mapped, or that several of their programs hold together.
@Suite(
    .serialized,
    .enabled(if: ControlGroupTree.find().tree != nil, "this process was given no control group with memory"))
struct ControlGroupTests {
    private static let tree = ControlGroupTree.find().tree
    private static let aborting = HostileCase("memory-hog-that-aborts") { $0.memory = 64 << 20 }

    @Test(arguments: HostileCase.heldByGroups)
    func `Memory that only the kernel counts is held to the limit`(attack: HostileCase) async throws {
        try await PoolFixture.with { fixture in
            let end = try await fixture.end(of: fixture.hog(attack))
            #expect(end.outcome == .crashed(.outOfMemory), "\(end)")
            #expect(end.message == attack.says)
            #expect(end.evidence?.limit == "memory 64 MiB")
            #expect(try await fixture.end(of: fixture.order(2, "noop")).outcome == .succeeded)
        }
    }

    @Test(arguments: HostileCase.heldByGroups)
    func `Without control groups it is counted by nobody`(attack: HostileCase) async throws {
        try await PoolFixture.with(lacks: KernelLacks(controlGroups: true)) { fixture in
            let end = try await fixture.end(of: fixture.hog(attack))
            #expect(end.outcome == .succeeded, "\(end)")
            #expect(fixture.controlGroups == [])
        }
    }

    @Test func `A guest that the kernel ends before the host looks is told its limit`() async throws {
        try await PoolFixture.with { fixture in
            let end = try await fixture.end(of: fixture.hog(Self.aborting))
            #expect(end.outcome == .crashed(.outOfMemory), "\(end)")
            #expect(end.message?.hasSuffix("memory limit of 64 MiB") == true, "\(end)")
        }
    }

    @Test func `Each guest has a group of its own, which goes with it`() async throws {
        try await PoolFixture.with { fixture in
            var orders = try (1...3).map { try fixture.order($0, "wait", of: "basic", slot: Int32($0)) }
            for index in orders.indices { orders[index].limit = nil }
            fixture.run(orders)
            try await eventually("they run") { await fixture.pool.progress().count == 3 ? true : nil }
            let groups = fixture.controlGroups
            #expect(groups.count == 3 * (try #require(Self.tree).folders.count))
            #expect(groups.allSatisfy { ControlGroupFile.words("\($0)/cgroup.procs").count == 1 })
            await fixture.pool.stop()
            #expect(fixture.controlGroups == [])
            for note in [".groups", ".threads"] { #expect(access(fixture.scratch + note, F_OK) != 0) }
        }
    }

    @Test func `Groups that a host left are removed by the next one of its home, with what is in them`() throws {
        let tree = try #require(Self.tree)
        let scratch = FileManager.default.temporaryDirectory.appendingPathComponent("berth-\(UUID().uuidString)").path
        let marker = "berth-\(UUID().uuidString)"
        let mine = "\(tree.folder)/\(marker).7"
        let foreign = "\(tree.folder)/\(marker)1.7"
        for group in [mine, foreign] { mkdir(group, 0o755) }
        defer { rmdir(foreign) }
        let sleeper = try Sleeper("/bin/sleep", "600")
        #expect(ControlGroupFile.write("\(sleeper.pid)", to: "\(mine)/cgroup.procs") == 0)
        try FileManager.default.createSymbolicLink(atPath: scratch + ".groups", withDestinationPath: tree.folder)
        let configuration = GuestPool.Configuration(program: "", scratch: scratch, marker: marker, makesGroups: true)
        let groups = ControlGroups.open(configuration, logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
        #expect(!FileManager.default.fileExists(atPath: mine))
        #expect(FileManager.default.fileExists(atPath: foreign))
        #expect(sleeper.signal() == SIGKILL)
        groups?.close()
    }

    @Test func `A pool that serves nobody makes no groups and moves nothing`() throws {
        let scratch = FileManager.default.temporaryDirectory.appendingPathComponent("berth-\(UUID().uuidString)").path
        let configuration = GuestPool.Configuration(program: "", scratch: scratch, marker: "berth-\(UUID().uuidString)")
        let groups = ControlGroups.open(configuration, logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
        #expect(groups == nil)
        #expect((try? FileManager.default.destinationOfSymbolicLink(atPath: scratch + ".groups")) == nil)
    }

    @Test func `A group that cannot be cleared keeps none of the others`() throws {
        let group = "\(try #require(Self.tree).folder)/berth-\(UUID().uuidString)"
        let (stuck, mine) = ("\(group).1", "\(group).2")
        // The system takes no group with another in it away.
        for folder in [stuck, "\(stuck)/inner", mine] { #expect(mkdir(folder, 0o755) == 0) }
        let sleeper = try Sleeper("/bin/sleep", "60")
        #expect(ControlGroupFile.write("\(sleeper.pid)", to: "\(mine)/cgroup.procs") == 0)
        let cleared = DispatchSemaphore(value: 0)
        Thread.detachNewThread {
            ControlGroup.clear([stuck, mine], within: 120_000_000_000)
            cleared.signal()
        }
        #expect(sleeper.signal() == SIGKILL)
        rmdir("\(stuck)/inner")
        #expect(cleared.wait(timeout: .now() + 60) == .success)
        #expect(access(stuck, F_OK) != 0 && access(mine, F_OK) != 0)
    }

    @Test func `What cannot be cleared is waited for only so long, however much of it there is`() throws {
        let group = "\(try #require(Self.tree).folder)/berth-\(UUID().uuidString)"
        let stuck = (1...3).map { "\(group).\($0)" }
        for folder in stuck { #expect(mkdir(folder, 0o755) == 0 && mkdir("\(folder)/inner", 0o755) == 0) }
        ControlGroup.clear(stuck, within: 1)
        #expect(stuck.allSatisfy { access($0, F_OK) == 0 })
        for folder in stuck { #expect(rmdir("\(folder)/inner") == 0 && rmdir(folder) == 0) }
    }

    @Test func `A group that is left and cannot be removed is given to no guest`() throws {
        let tree = try #require(Self.tree)
        let name = "berth-\(UUID().uuidString)"
        for folder in tree.folders {
            let group = "\(folder)/\(name)"
            for folder in [group, "\(group)/inner"] { #expect(mkdir(folder, 0o755) == 0) }
            #expect(throws: GuestPoolError.self) { try ControlGroup.make(name, in: tree, GuestLimits()) }
            #expect(rmdir("\(group)/inner") == 0 && rmdir(group) == 0)
            #expect(tree.folders.allSatisfy { access("\($0)/\(name)", F_OK) != 0 })
        }
        _ = try ControlGroup.make(name, in: tree, GuestLimits())
        for folder in tree.folders { #expect(rmdir("\(folder)/\(name)") == 0) }
    }

    @Test func `What the kernel ended for a limit above the group is not called its own`() throws {
        let own = try #require(Self.tree)
        try #require(own.version == .one)
        let name = "berth-\(UUID().uuidString)"
        let tree = ControlGroupTree(version: .one, folder: "\(own.folder)/\(name)", holdsHost: false)
        #expect(mkdir(tree.folder, 0o755) == 0)
        defer { ControlGroup.clear(["\(tree.folder)/guest", tree.folder]) }
        #expect(ControlGroupFile.write("\(32 << 20)", to: "\(tree.folder)/memory.limit_in_bytes") == 0)
        let group = try ControlGroup.make("guest", in: tree, GuestLimits(memoryBytes: 1 << 30))
        let wait = "until grep -q memory.*\(name) /proc/self/cgroup; do :; done"
        let hog = try Sleeper("/bin/sh", "-c", "\(wait); x=$(head -c 99M /dev/zero | tr '\\0' x)")
        try group.admit(hog.pid)
        #expect(hog.signal() == SIGKILL)
        #expect(ControlGroupFile.number("oom_kill", in: "\(tree.folder)/guest/memory.oom_control") > 0)
        #expect(group.kills == 0)
    }

    @Test func `No guest has more threads than its group allows, however fast it makes them`() async throws {
        let tree = try #require(Self.tree)
        let threads = try #require(tree.threads)
        let name = "berth-\(UUID().uuidString)"
        let limits = GuestLimits(processes: 16)
        let group = try ControlGroup.make(name, in: tree, limits)
        defer { ControlGroup.clear(tree.folders.map { "\($0)/\(name)" }) }
        let wait = "until grep -q -e pids.*\(name) -e 0::.*\(name) /proc/self/cgroup; do :; done"
        let bomb = try Sleeper(
            "/bin/sh", "-c", "exec 2>/dev/null; \(wait); (while :; do sleep 600 & done); exec sleep 600")
        try group.admit(bomb.pid)
        try await eventually("it is full") { group.isFull ? true : nil }
        #expect(ControlGroupFile.text("\(threads)/\(name)/pids.max") == "\(limits.groupProcesses)\n")
        let count = ControlGroupFile.words("\(threads)/\(name)/pids.current").first.flatMap { UInt64($0) }
        #expect(try #require(count) <= limits.groupProcesses)
        ControlGroup.clear(tree.folders.map { "\($0)/\(name)" })
        #expect(bomb.signal() == SIGKILL)
    }
}

extension PoolFixture {
    /// The folders of those that its guests have, or left.
    var controlGroups: [String] {
        let folders = ControlGroupTree.find().tree?.folders ?? []
        return folders.flatMap { folder in
            FolderTree.names(in: folder).filter { $0.hasPrefix(marker) }.map { "\(folder)/\($0)" }
        }
    }

    fileprivate func hog(_ attack: HostileCase) throws -> AttemptOrder {
        let index = try #require(try Self.components(of: attack.plugin).firstIndex(of: attack.component))
        let limits = GuestLimits(memoryBytes: try #require(attack.memory))
        let spec = try spec(attack.plugin, grants: attack.startsPrograms ? [.subprocess] : [], limits: limits)
        return AttemptOrder(
            key: AttemptKey(run: 1, number: 1), slot: 0, spec: pool.intern(spec), component: UInt32(index),
            rootRun: 1, params: Array("{}".utf8), limit: .seconds(60))
    }

    /// In the order in which the fixture's source lists them.
    private static func components(of fixture: String) throws -> [String] {
        let source = Checkout.root.appendingPathComponent("Tests/Fixtures/\(fixture).c")
        return try String(contentsOf: source, encoding: .utf8)
            .matches(of: /COMPONENT\(\w+, "([a-z0-9-]+)"/).map { String($0.output.1) }
    }
}
