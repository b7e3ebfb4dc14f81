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

    /// `own` are the scratch folder and the library's folder of the guest.
    func note(_ call: berth_refusal, own: [String]) {
        guard let known = KnownCall(number: call.number, architecture: call.architecture) else { return }
        let arguments = [call.arguments.0, call.arguments.1, call.arguments.2, call.arguments.3, call.arguments.4]
        let paths = PathArguments(known.name, process: call.process, arguments)
        seen.withLock { needs in
            needs.own = own
            switch known.group {
            case GW_CALL_SOCKET where arguments[0] == 2 || arguments[0] == 10: needs.grants.insert(.network)
            // Name services ask for these and go on without.
            case GW_CALL_SOCKET, GW_CALL_NETWORK: break
            case GW_CALL_PROGRAM, GW_CALL_CLONE, GW_CALL_PROCESS, GW_CALL_SIGNAL_BY_DESCRIPTOR:
                needs.grants.insert(.subprocess)
                needs.read.formUnion(paths.read)
            case GW_CALL_PATH, GW_CALL_OPEN, GW_CALL_OPENAT, GW_CALL_OPEN_HOW:
                needs.read.formUnion(paths.read)
                needs.write.formUnion(paths.written)
            default: needs.refused.insert(known.name)
            }
        }
    }
}

/// What was noted, as far as it lies beyond what every plugin may do.
package struct LearnedNeeds: Hashable, Sendable {
    package internal(set) var grants: Grants = []
    /// Calls that no grant allows.
    package internal(set) var refused: Set<String> = []
    var read: Set<String> = []
    var write: Set<String> = []
    /// Scratch and library of the guests.
    var own: [String] = []

    /// Files and folders, the fewest that hold all.
    package var access: FileAccess {
        let open = own + SystemPlaces.open(with: grants, GW_ACCESS_READ)
        let write = Self.fewest(write, beyond: own + SystemPlaces.open(with: grants, GW_ACCESS_WRITE))
        return FileAccess(read: Self.fewest(read, beyond: open + write), write: write)
    }

    /// More than this many neighbours stand for their folder.
    private static let mostNeighbours = 4

    private static func fewest(_ paths: Set<String>, beyond places: [String]) -> [String] {
        var kept = paths.filter { path in !places.contains { PathArguments.holds($0, path) } }
        for (folder, neighbours) in Dictionary(grouping: kept, by: PathArguments.parent)
        where neighbours.count > mostNeighbours && folder != "/" {
            kept.subtract(neighbours)
            kept.insert(folder)
        }
        return kept.filter { path in !kept.contains { $0 != path && PathArguments.holds($0, path) } }.sorted()
    }
}
