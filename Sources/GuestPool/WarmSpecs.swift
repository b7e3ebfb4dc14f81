/// The specs of which a minimum of guests is kept ready: those that the engine named, whatever others attempts ask for.
struct WarmSpecs {
    /// In the order in which they were named.
    private(set) var ids: [GuestSpecID] = []
    /// Of guests since an attempt last was given to one, or needed one.
    private var idleDeaths: [GuestSpecID: Int] = [:]
    /// Of guests that nobody had given anything to do. A plugin that dies by itself would be started for ever.
    private static let mostIdleDeaths = 3

    /// Its guests cannot be had, or do not live: none is started until an attempt needs one.
    func isGivenUp(_ id: GuestSpecID) -> Bool { idleDeaths[id, default: 0] >= Self.mostIdleDeaths }

    mutating func replace(with ids: [GuestSpecID]) {
        self.ids = ids
        idleDeaths = [:]
    }

    mutating func noteIdleDeath(_ id: GuestSpecID) {
        if ids.contains(id) { idleDeaths[id, default: 0] += 1 }
    }

    mutating func giveUp(_ id: GuestSpecID) {
        if ids.contains(id) { idleDeaths[id] = Self.mostIdleDeaths }
    }

    /// An attempt is given to a guest of it, or needs one.
    mutating func tryAgain(_ id: GuestSpecID) {
        if !idleDeaths.isEmpty { idleDeaths[id] = nil }
    }

    /// That version was replaced.
    mutating func removeAll(of digest: String) {
        ids.removeAll { $0.spec?.digest == digest }
        idleDeaths = idleDeaths.filter { ids.contains($0.key) }
    }
}
