import CLinux
import Glibc

/// A control group of this host below which it may make others.
package struct ControlGroupTree: Hashable, Sendable {
    let version: ControlGroupPlace.Version
    /// The groups of guests go into it.
    let folder: String
    /// Groups in which threads are counted go into it: of version 2 the same, or nil, and then the host alone counts.
    var threads: String?
    /// Version 2 has no processes beside groups: the host has to step into one of its own first.
    let holdsHost: Bool

    /// Where a guest's groups go, each once.
    var folders: [String] {
        guard let threads, threads != folder else { return [folder] }
        return [folder, threads]
    }

    /// `v1 /sys/fs/cgroup/memory/berth and /sys/fs/cgroup/pids/berth`
    package var words: String {
        let note = threads == nil ? " (threads are not counted there)" : ""
        return "\(version.rawValue) \(folders.joined(separator: " and "))\(note)"
    }

    /// The best that this process was given, and why not those that it was not. Changes nothing.
    package static func find() -> (tree: ControlGroupTree?, objections: [String]) {
        find(
            ControlGroupPlace.all(
                groups: ControlGroupFile.text("/proc/self/cgroup"),
                mounts: ControlGroupFile.text("/proc/self/mountinfo")))
    }

    static func find(_ places: [ControlGroupPlace]) -> (tree: ControlGroupTree?, objections: [String]) {
        var objections: [String] = []
        for place in places {
            do throws(Objection) {
                switch place.version {
                case .one: return (try first(in: place), objections)
                case .two: return (try second(in: place.folder), objections)
                }
            } catch {
                objections.append("\(place.version.rawValue) \(place.folder) \(error.words)")
            }
        }
        return (nil, objections)
    }

    /// Where version 2's host goes to make room for groups.
    static let hostName = "berth-host"

    /// Makes ready for groups. Moves this process where it must, back when it was for nothing.
    func prepare() throws(GuestPoolError) {
        guard version == .two else { return }
        if holdsHost { try step(into: "\(folder)/\(Self.hostName)") }
        let code = ControlGroupFile.write("+memory", to: "\(folder)/cgroup.subtree_control")
        guard code == 0 else {
            leave()
            throw .system(call: "write +memory to \(folder)/cgroup.subtree_control", code: code)
        }
        // A wish: the host counts them too.
        if threads != nil { _ = ControlGroupFile.write("+pids", to: "\(folder)/cgroup.subtree_control") }
    }

    /// Undoes what was moved: systemd puts the next process of a unit into the unit's own group, which takes none as long as it
    /// hands controllers down.
    func leave() {
        guard holdsHost else { return }
        for controller in ["-pids", "-memory"] {
            _ = ControlGroupFile.write(controller, to: "\(folder)/cgroup.subtree_control")
        }
        guard ControlGroupFile.write("\(getpid())", to: "\(folder)/cgroup.procs") == 0 else { return }
        rmdir("\(folder)/\(Self.hostName)")
    }

    private func step(into host: String) throws(GuestPoolError) {
        guard mkdir(host, 0o755) == 0 || errno == EEXIST else { throw .system(call: "mkdir \(host)", code: errno) }
        let code = ControlGroupFile.write("\(getpid())", to: "\(host)/cgroup.procs")
        guard code == 0 else {
            rmdir(host)
            throw .system(call: "write \(host)/cgroup.procs", code: code)
        }
    }

    // MARK: What was given to this host

    private struct Objection: Error {
        let words: String

        init(_ words: String) { self.words = words }
    }

    private static func first(in place: ControlGroupPlace) throws(Objection) -> ControlGroupTree {
        let folder = place.folder
        guard ControlGroupFile.words("\(folder)/memory.use_hierarchy") == ["1"] else {
            throw Objection("does not count what groups below it hold (memory.use_hierarchy)")
        }
        guard access(folder, W_OK) == 0 else { throw Objection("is not writable") }
        let threads = place.threads.flatMap { access($0, W_OK) == 0 ? $0 : nil }
        return ControlGroupTree(version: .one, folder: folder, threads: threads, holdsHost: false)
    }

    /// One that was handed down, for others belong to whoever made them, who may count on finding them as they were.
    private static func second(in own: String) throws(Objection) -> ControlGroupTree {
        guard access("\(own)/cgroup.type", F_OK) == 0 else { throw Objection("is the machine's own group") }
        guard let folder = delegated(own) else {
            throw Objection("was not handed to this host (Delegate= in its unit)")
        }
        let controllers = ControlGroupFile.words("\(folder)/cgroup.controllers")
        guard controllers.contains("memory") else {
            throw Objection("has no memory controller (Delegate=memory in its unit)")
        }
        guard access(folder, W_OK) == 0 else { throw Objection("is not writable") }
        let holdsHost = folder == own
        guard !holdsHost || ControlGroupFile.words("\(own)/cgroup.procs") == ["\(getpid())"] else {
            throw Objection("holds other processes too (DelegateSubgroup= in its unit puts the host aside)")
        }
        let threads = controllers.contains("pids") ? folder : nil
        return ControlGroupTree(version: .two, folder: folder, threads: threads, holdsHost: holdsHost)
    }

    /// The group that was handed to this host: its own, or that of its unit when it was put aside in it. Others above are handed
    /// to somebody else, as `user@1000.service` is to the user's own systemd. That a group belongs to the host's user says
    /// nothing: those of all units of that systemd do.
    private static func delegated(_ own: String) -> String? {
        let cut = own.lastIndex(of: "/") ?? own.startIndex
        let (parent, name) = (String(own[..<cut]), own[cut...].dropFirst())
        if berth_is_delegated(own) != 0 { return own }
        guard berth_is_delegated(parent) != 0 else { return nil }
        return name == hostName || isOfUnit(parent) ? parent : nil
    }

    private static func isOfUnit(_ folder: String) -> Bool {
        let name = folder.split(separator: "/").last ?? ""
        return (name.hasSuffix(".service") && !name.hasPrefix("user@")) || name.hasSuffix(".scope")
    }
}
