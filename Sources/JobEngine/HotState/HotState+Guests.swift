import GuestPool
import JobModel
import PluginCatalog

/// Guests that plugins have beyond those which attempts bring about, and how many they may have.
extension HotState {
    /// What components ask for that have just come and the operator has not granted, for the host's log.
    mutating func noteGrants(before digests: Set<String>) {
        let news = catalog.components.values.filter { !digests.contains($0.digest) }
        effects.complaints += news.compactMap(surroundings.refusal).map { "\($0)" }.sorted()
    }

    /// Asks for the guests that are to be ready at any time.
    mutating func warmGuests() {
        for component in catalog.components.values where surroundings.settings(of: component.name).keeping.minimum > 0 {
            let spec = component.guestSpec(access: FileAccess(), surroundings: surroundings)
            effects.guests.append(.warm(surroundings.intern(spec)))
        }
    }

    /// Whether the operator allows the guest that one more slot with attempts of this component would need. Several
    /// attempts may share one.
    func mayHaveGuest(_ component: Int) -> Bool {
        let most = components[component].keeping.maximum
        guard most > 0 else { return true }
        var busy = [component: 1]
        for slot in slots where slot.held > 0 {
            guard let other = slot.fitting?.component,
                components[other].name.plugin == components[component].name.plugin
            else { continue }
            busy[other, default: 0] += 1
        }
        let guests = busy.reduce(0) { sum, entry in
            let sharing = components[entry.key].sharing
            return sum + (entry.value + sharing - 1) / sharing
        }
        return guests <= most
    }
}
