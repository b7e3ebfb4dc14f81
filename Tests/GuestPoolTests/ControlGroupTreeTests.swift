import Foundation
import Testing

@testable import GuestPool

/// The steps in version 2, on folders that look like its groups, and what of it the machine's own tree can show.
struct ControlGroupTreeTests {
    @Test func `a group that holds only the host is made ready by stepping aside`() throws {
        try Stage.with { own in
            try own.fill(["cgroup.procs": "\(getpid())\n"], isDelegated: true)
            try own.folder("berth-host").fill(["cgroup.procs": ""])
            let tree = try #require(own.found.tree)
            #expect(tree == ControlGroupTree(version: .two, folder: own.path, threads: own.path, holdsHost: true))
            try tree.prepare()
            #expect(own.text("berth-host/cgroup.procs") == "\(getpid())")
            #expect(own.text("cgroup.subtree_control").contains("+pids"))
            try own.fill(["cgroup.procs": "", "cgroup.subtree_control": ""], isDelegated: true)
            tree.leave()
            #expect(own.text("cgroup.procs") == "\(getpid())")
            #expect(own.text("cgroup.subtree_control") == "-memory")
        }
    }

    @Test func `a host that was put aside finds the group above it, and goes nowhere`() throws {
        try Stage.with { folder in
            let unit = folder.folder("berth.service")
            try unit.fill(["cgroup.procs": ""], isDelegated: true)
            let own = unit.folder("host")
            try own.fill(["cgroup.procs": "\(getpid())\n1\n", "cgroup.controllers": ""])
            let tree = try #require(own.found.tree)
            #expect(tree == ControlGroupTree(version: .two, folder: unit.path, threads: unit.path, holdsHost: false))
            try tree.prepare()
            tree.leave()
            #expect(own.text("cgroup.procs") == "\(getpid())\n1\n")
            #expect(unit.text("cgroup.subtree_control").hasPrefix("+pids"))
        }
    }

    @Test(arguments: ["user@1000.service", "app.slice", "berth"])
    func `what was handed to somebody else is not taken by a unit below it`(name: String) throws {
        try Stage.with { folder in
            let above = folder.folder(name)
            try above.fill([:], isDelegated: true)
            let own = above.folder("berth.service")
            try own.fill(["cgroup.procs": "\(getpid())\n"])
            let (tree, objections) = own.found
            #expect(tree == nil)
            #expect(objections.count == 1 && objections[0].contains("was not handed to this host"), "\(objections)")
        }
    }

    @Test(arguments: [true, false])
    func `a host goes aside only in a group that was handed to it`(isDelegated: Bool) throws {
        try Stage.with { above in
            try above.fill([:], isDelegated: isDelegated)
            let own = above.folder("berth-host")
            try own.fill(["cgroup.procs": "\(getpid())\n"])
            #expect(own.found.tree?.folder == (isDelegated ? above.path : nil))
        }
    }

    @Test func `a group that was not handed down, or not whole, is left alone`() throws {
        let own = ["cgroup.procs": "\(getpid())\n"]
        try Self.refuses("is the machine's own group") { try $0.fill(own, isDelegated: true, isTop: true) }
        // Whoever it belongs to: this test made it.
        try Self.refuses("was not handed to this host") { try $0.fill(own) }
        try Self.refuses("has no memory controller") {
            try $0.fill(own.merging(["cgroup.controllers": "cpu pids"]) { $1 }, isDelegated: true)
        }
        try Self.refuses("holds other processes too") {
            try $0.fill(["cgroup.procs": "\(getpid())\n1\n"], isDelegated: true)
        }
    }

    @Test func `a group that cannot be made ready gets its host back`() throws {
        try Stage.with { own in
            try own.fill(["cgroup.procs": "\(getpid())\n"], isDelegated: true)
            try own.folder("berth-host").fill(["cgroup.procs": ""])
            let tree = try #require(own.found.tree)
            try FileManager.default.removeItem(atPath: own.path + "/cgroup.subtree_control")
            try "".write(toFile: own.path + "/cgroup.procs", atomically: false, encoding: .utf8)
            #expect(throws: GuestPoolError.self) { try tree.prepare() }
            #expect(own.text("cgroup.procs") == "\(getpid())")
        }
    }

    @Test func `the group of a guest is told its limits, and tells what the kernel ended`() throws {
        try Stage.with { own in
            try own.fill([
                "memory.max": "", "memory.swap.max": "", "memory.oom.group": "", "pids.max": "",
                "memory.events": "low 0\nhigh 0\nmax 12\noom 2\noom_kill 3\noom_group_kill 1\n",
            ])
            let above = URL(fileURLWithPath: own.path).deletingLastPathComponent().path
            let tree = ControlGroupTree(version: .two, folder: above, threads: above, holdsHost: false)
            let name = URL(fileURLWithPath: own.path).lastPathComponent
            let group = ControlGroup(name, in: tree, GuestLimits(memoryBytes: 64 << 20, processes: 10))
            try group.hold()
            try group.admit(4711)
            #expect(own.text("memory.max") == "\(144 << 20)")
            #expect(own.text("memory.swap.max") == "0" && own.text("memory.oom.group") == "1")
            #expect(own.text("pids.max") == "76")
            #expect(own.text("cgroup.procs") == "4711")
            #expect(group.kills == 3)
            #expect(!group.isFull)
            try own.fill([
                "memory.events": "low 0\nhigh 0\nmax 12\noom 0\noom_kill 3\noom_group_kill 1\n",
                "pids.current": "76\n",
            ])
            #expect(group.kills == 0)
            #expect(group.isFull)
        }
    }

    @Test(.enabled(if: Unified.isThere, "no tree of version 2 can be written here"))
    func `a group of version 2 is cleared with all that is in it`() throws {
        let name = "berth-\(UUID().uuidString)"
        let group = "\(Unified.folder)/\(name)"
        #expect(mkdir(group, 0o755) == 0)
        // What it started before it is in the group would outlive this process, and keep its output open.
        let command = "exec >/dev/null 2>&1; until grep -q \(name) /proc/self/cgroup; do :; done; sleep 600 & sleep 600"
        let shell = try Sleeper("/bin/sh", "-c", command)
        #expect(ControlGroupFile.write("\(shell.pid)", to: "\(group)/cgroup.procs") == 0)
        ControlGroup.clear([group])
        #expect(!FileManager.default.fileExists(atPath: group))
        #expect(shell.signal() == SIGKILL)
    }

    private static func refuses(_ words: String, _ fill: (Stage) throws -> Void) throws {
        try Stage.with { own in
            try fill(own)
            let (tree, objections) = own.found
            #expect(tree == nil)
            #expect(objections.count == 1 && objections[0].contains(words), "\(objections)")
        }
    }
}

/// Where this machine's version 2 is, if it can be written.
private enum Unified {
    static let folder =
        ["/sys/fs/cgroup/unified", "/sys/fs/cgroup"].first {
            access("\($0)/cgroup.controllers", F_OK) == 0
        } ?? ""
    static var isThere: Bool {
        let trial = "\(folder)/berth-\(UUID().uuidString)"
        defer { rmdir(trial) }
        return !folder.isEmpty && mkdir(trial, 0o755) == 0 && access("\(trial)/cgroup.kill", W_OK) == 0
    }
}

/// A folder with the files of a group.
private struct Stage {
    let path: String

    static func with(_ body: (Stage) throws -> Void) throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("berth-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: folder) }
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        try body(Stage(path: folder.path))
    }

    var found: (tree: ControlGroupTree?, objections: [String]) {
        ControlGroupTree.find([ControlGroupPlace(version: .two, folder: path)])
    }

    func folder(_ name: String) -> Stage { Stage(path: "\(path)/\(name)") }

    func fill(_ files: [String: String], isDelegated: Bool = false, isTop: Bool = false) throws {
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        var all = ["cgroup.controllers": "cpu memory pids", "cgroup.subtree_control": "", "cgroup.procs": ""]
        if !isTop { all["cgroup.type"] = "domain" }
        for (name, text) in all.merging(files, uniquingKeysWith: { $1 }) {
            try text.write(toFile: "\(path)/\(name)", atomically: false, encoding: .utf8)
        }
        if isDelegated { try mark() }
    }

    func text(_ name: String) -> String { ControlGroupFile.text("\(path)/\(name)") }

    private func mark() throws {
        typealias Call =
            @convention(c) (
                UnsafePointer<CChar>, UnsafePointer<CChar>, UnsafeRawPointer, Int, Int32
            ) -> Int32
        let setxattr = unsafeBitCast(try #require(dlsym(nil, "setxattr")), to: Call.self)
        guard setxattr(path, "user.delegate", "1", 1, 0) == 0 else { throw CocoaError(.fileWriteNoPermission) }
    }
}

/// A process that goes on until it is killed.
struct Sleeper {
    let pid: pid_t

    init(_ words: String...) throws {
        var arguments = words.map { strdup($0) } + [nil]
        defer { for argument in arguments { free(argument) } }
        var pid: pid_t = 0
        guard posix_spawn(&pid, words[0], nil, nil, &arguments, environ) == 0 else { throw CocoaError(.fileNoSuchFile) }
        self.pid = pid
    }

    /// What ended it. Waits for that.
    func signal() -> Int32 {
        var status: Int32 = 0
        return waitpid(pid, &status, 0) == pid ? status & 0x7F : -1
    }
}
