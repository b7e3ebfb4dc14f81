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

    /// Asks for the guests that are to be ready at any time: those of attempts whose jobs wish nothing.
    mutating func warmGuests() {
        let ours = catalog.components.values.filter(isToBeReady).sorted { "\($0.name)" < "\($1.name)" }
        var named: [GuestSpecID] = []
        for component in ours {
            let spec = surroundings.intern(component.guestSpec(for: .standard, surroundings))
            if !named.contains(spec) { named.append(spec) }
        }
        guard named != readySpecs else { return }
        readySpecs = named
        effects.guests.append(.warm(named))
    }

    /// Its attempts start, and the operator wants guests for them.
    private func isToBeReady(_ component: CatalogComponent) -> Bool {
        surroundings.settings(of: component.name).keeping.minimum > 0 && component.hold == nil
            && surroundings.refusal(component) == nil
    }

    /// Whether the operator allows the guest that one more slot with attempts of this kind would need. Several attempts
    /// may share one.
    func mayHaveGuest(_ fitting: Fitting) -> Bool {
        let most = components[fitting.component].keeping.maximum
        guard most > 0 else { return true }
        let plugin = components[fitting.component].name.plugin
        var busy = [fitting: 1]
        for slot in slots where slot.held > 0 {
            guard let other = slot.fitting, components[other.component].name.plugin == plugin else { continue }
            busy[other, default: 0] += 1
        }
        let guests = busy.reduce(0) { sum, entry in
            let sharing = components[entry.key.component].sharing
            return sum + (entry.value + sharing - 1) / sharing
        }
        return guests <= most
    }
}
