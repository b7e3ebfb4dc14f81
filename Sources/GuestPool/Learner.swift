import CGuestWire
import CGuestWire.Calls
import CLinux
import Glibc
package import JobModel
import Synchronization

/// What attempts did that a sandbox would refuse, noted while it refuses nothing. Paths are read while the call waits.
package final class Learner: Sendable {
    private let seen = Mutex(LearnedNeeds())

    package init() {}

    package var needs: LearnedNeeds { seen.withLock { $0 } }

    /// `own` are the scratch folder and the library's folder of the guest, `homes` names of the host's home.
    func note(_ call: berth_refusal, of guest: Int32, own: [String], homes: [String]) {
        guard let known = KnownCall(number: call.number, architecture: call.architecture) else { return }
        // Programs may make code as they run.
        let isOfMemory = known.group == GW_CALL_MAP || known.group == GW_CALL_PROTECT
        if isOfMemory, !Self.isThread(call.process, of: guest) { return }
        let arguments = [call.arguments.0, call.arguments.1, call.arguments.2, call.arguments.3, call.arguments.4]
        let paths = PathArguments(known.name, process: call.process, arguments)
        seen.withLock { needs in
            needs.own += own.filter { !needs.own.contains($0) }
            needs.homes = homes
            switch known.group {
            // What was done to a Unix socket has been noted as it was made.
            case GW_CALL_NETWORK where needs.refused.contains { $0.hasSuffix("(AF_UNIX)") }: break
            case GW_CALL_SIGNAL_BY_DESCRIPTOR: needs.grants.insert(.subprocess)
            case GW_CALL_PATH, GW_CALL_OPEN, GW_CALL_OPENAT, GW_CALL_OPEN_HOW:
                needs.read.formUnion(paths.read)
                needs.write.formUnion(paths.written)
            default:
                needs.read.formUnion(paths.read)
                needs.add(RefusedCall(call))
            }
        }
    }

    private static func isThread(_ thread: Int32, of process: Int32) -> Bool {
        access("/proc/\(process)/task/\(thread)", F_OK) == 0
    }
}

/// What was noted, as far as it lies beyond what every plugin may do.
package struct LearnedNeeds: Hashable, Sendable {
    package internal(set) var grants: Grants = []
    /// Calls that no grant allows.
    package internal(set) var refused: Set<String> = []
    var read: Set<String> = []
    var write: Set<String> = []
    /// Features without which calls would have passed.
    package internal(set) var features: Set<String> = []
    /// Scratch and library of the guests.
    var own: [String] = []
    /// Names of the host's home.
    var homes: [String] = []

    /// Files and folders, the fewest that hold all, as far as a job may open them.
    package var access: FileAccess {
        wanted { !isClosed($0) }
    }

    /// Files and folders that no job may open: the host's home, what lies in it, and what holds it.
    package var closed: [String] { Set(wanted(isClosed).read + wanted(isClosed).write).sorted() }

    package var isEmpty: Bool {
        grants.isEmpty && refused.isEmpty && features.isEmpty && access == FileAccess() && closed.isEmpty
    }

    mutating func add(_ call: RefusedCall) {
        grants.formUnion(call.grant)
        if let feature = call.feature {
            features.insert(feature)
        } else if call.grant.isEmpty {
            refused.insert(call.words)
        }
    }

    /// Of those alone that are meant: what no job may open must not stand for a file in it that one may.
    private func wanted(_ isMeant: (String) -> Bool) -> FileAccess {
        let open = own + SystemPlaces.open(with: grants, GW_ACCESS_READ)
        let write = fewest(write.filter(isMeant), beyond: own + SystemPlaces.open(with: grants, GW_ACCESS_WRITE))
        return FileAccess(read: fewest(read.filter(isMeant), beyond: open + write), write: write)
    }

    private func isClosed(_ path: String) -> Bool {
        homes.contains { PathArguments.holds($0, path) || PathArguments.holds(path, $0) }
    }

    /// More than this many neighbours stand for their folder.
    private static let mostNeighbours = 4

    private func fewest(_ paths: Set<String>, beyond places: [String]) -> [String] {
        var kept = paths.filter { path in !places.contains { PathArguments.holds($0, path) } }
        for (folder, neighbours) in Dictionary(grouping: kept, by: PathArguments.parent)
        where neighbours.count > Self.mostNeighbours && folder != "/" && !isClosed(folder) {
            kept.subtract(neighbours)
            kept.insert(folder)
        }
        return kept.filter { path in !kept.contains { $0 != path && PathArguments.holds($0, path) } }.sorted()
    }
}
