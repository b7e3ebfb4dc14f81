/// The specs of which a minimum of guests is kept ready: those that the engine named, whatever others attempts ask for.
struct WarmSpecs {
    /// In the order in which they were named.
    private(set) var ids: [GuestSpecID] = []
    private var givenUp: Set<GuestSpecID> = []

    /// Its last guest could not be had: none is started until an attempt needs one.
    func isGivenUp(_ id: GuestSpecID) -> Bool { givenUp.contains(id) }

    mutating func insert(_ id: GuestSpecID) {
        givenUp.remove(id)
        if !ids.contains(id) { ids.append(id) }
    }

    mutating func giveUp(_ id: GuestSpecID) {
        if ids.contains(id) { givenUp.insert(id) }
    }

    /// An attempt needs a guest of it.
    mutating func tryAgain(_ id: GuestSpecID) {
        givenUp.remove(id)
    }

    /// That version was replaced.
    mutating func removeAll(of digest: String) {
        ids.removeAll { $0.spec?.digest == digest }
        givenUp = givenUp.filter { ids.contains($0) }
    }
}
