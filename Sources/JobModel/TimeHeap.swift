/// Things to do at instants, earliest first. Entries are not removed when they become void: whoever takes one checks
/// that it still holds.
package struct TimeHeap<Item> {
    package typealias Entry = (at: Instant, item: Item)

    private var entries: [Entry] = []

    package init() {}

    package var count: Int { entries.count }
    package var next: Instant? { entries.first?.at }

    package mutating func add(_ item: Item, at instant: Instant) {
        entries.append((instant, item))
        rise(entries.count - 1)
    }

    /// The earliest entry that is due.
    package mutating func take(dueBy now: Instant) -> Entry? {
        guard let first = entries.first, first.at <= now else { return nil }
        let last = entries.removeLast()
        if !entries.isEmpty {
            entries[0] = last
            sink(0)
        }
        return first
    }

    /// Drops the entries that no longer hold.
    package mutating func keep(where holds: (Entry) -> Bool) {
        entries = entries.filter(holds)
        for index in stride(from: entries.count / 2 - 1, through: 0, by: -1) { sink(index) }
    }

    private mutating func rise(_ start: Int) {
        var child = start
        while child > 0, entries[child].at < entries[(child - 1) / 2].at {
            entries.swapAt(child, (child - 1) / 2)
            child = (child - 1) / 2
        }
    }

    private mutating func sink(_ start: Int) {
        var parent = start
        while true {
            var least = parent
            for child in [2 * parent + 1, 2 * parent + 2]
            where child < entries.count && entries[child].at < entries[least].at {
                least = child
            }
            guard least != parent else { return }
            entries.swapAt(parent, least)
            parent = least
        }
    }
}
