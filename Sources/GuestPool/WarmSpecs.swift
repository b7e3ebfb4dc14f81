/// Specs whose minimum of guests is kept ready: of the many that runs may ask for, those that were asked for last.
struct WarmSpecs {
    static let most = 64
    /// The one that was asked for last at the end.
    private(set) var ids: [GuestSpecID] = []

    /// There were too many for it.
    func hasDropped(_ id: GuestSpecID) -> Bool { ids.count == Self.most && !ids.contains(id) }

    mutating func insert(_ id: GuestSpecID) {
        if ids.last == id { return }
        remove(id)
        ids.append(id)
        if ids.count > Self.most { ids.removeFirst() }
    }

    mutating func remove(_ id: GuestSpecID) {
        ids.removeAll { $0 == id }
    }
}
