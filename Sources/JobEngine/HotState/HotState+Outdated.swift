import GuestPool
import JobModel
import PluginCatalog

/// Between two versions of a plugin starts do not stop: what was reserved for the old one when the new one took over is
/// still started there, and only then the old one ends.
extension HotState {
    /// Another version has taken its component over since its slot was reserved.
    func isOutdated(_ run: HotRun) -> Bool { run.generation != components[run.component].generation }

    /// After other versions took over, or nothing is on its way any more.
    mutating func countOutdatedStarts() {
        outdatedStarts = runs.values.count { run in
            guard case .starting = run.phase else { return false }
            return isOutdated(run)
        }
        endOutgoing()
    }

    /// Its start is on disk, or was refused.
    mutating func outdatedStartArrived() {
        outdatedStarts -= 1
        endOutgoing()
    }

    /// Not what people or the policy have turned away from.
    func mayStillStart(_ library: CatalogComponent) -> Bool {
        guard let standing = catalog.standings[library.name.plugin] else { return true }
        return standing.setAside[library.digest] == nil && !standing.forbidden.contains(library.digest)
    }

    /// No attempt is given to them from here on: their guests end with what they have.
    private mutating func endOutgoing() {
        guard outdatedStarts <= 0, !outgoing.isEmpty else { return }
        effects.guests += outgoing.sorted().map { .retire(digest: $0) }
        outgoing = []
        for index in components.indices { components[index].forgetFormer() }
    }
}
