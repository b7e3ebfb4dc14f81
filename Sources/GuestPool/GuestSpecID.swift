/// A spec that was made known to the pool; cheap to pass and compare. The pool knows the spec for as long as somebody has
/// its id.
package struct GuestSpecID: Sendable {
    package let rawValue: Int64
    fileprivate let known: KnownSpec?

    /// An id that no pool has given.
    package init(rawValue: Int64) {
        self.init(rawValue: rawValue, known: nil)
    }

    fileprivate init(rawValue: Int64, known: KnownSpec?) {
        self.rawValue = rawValue
        self.known = known
    }

    /// Nil: no pool has given this id.
    var spec: GuestSpec? { known?.spec }
}

extension GuestSpecID: Hashable {
    package static func == (one: GuestSpecID, other: GuestSpecID) -> Bool { one.rawValue == other.rawValue }

    package func hash(into hasher: inout Hasher) {
        hasher.combine(rawValue)
    }
}

private final class KnownSpec: Sendable {
    let spec: GuestSpec

    init(_ spec: GuestSpec) {
        self.spec = spec
    }
}

/// The specs whose ids somebody has, each once. Runs may have specs of their own, so that what nobody has is let go.
struct SpecTable {
    private var entries: [GuestSpec: Entry] = [:]
    private var lastNumber: Int64 = -1
    /// So many entries are gone through for those that nobody has.
    private var most = Self.fewest

    static let fewest = 64

    private struct Entry {
        let number: Int64
        weak var known: KnownSpec?
    }

    /// Entries, those among them that nobody has any more.
    var count: Int { entries.count }

    /// Equal specs have equal ids, as long as somebody has one of them.
    mutating func intern(_ spec: GuestSpec) -> GuestSpecID {
        if let entry = entries[spec], let known = entry.known {
            return GuestSpecID(rawValue: entry.number, known: known)
        }
        if entries.count >= most { letGo() }
        let known = KnownSpec(spec)
        lastNumber += 1
        entries[spec] = Entry(number: lastNumber, known: known)
        return GuestSpecID(rawValue: lastNumber, known: known)
    }

    private mutating func letGo() {
        entries = entries.filter { $0.value.known != nil }
        most = max(Self.fewest, entries.count * 2)
    }
}
