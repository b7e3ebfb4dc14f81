/// Finds events in the messages of one connection, wherever the messages begin and end.
///
/// The last separator is always kept as the beginning of what follows, so that two events may share one and nothing is
/// lost when a message ends in the middle of the next.
package struct EventReader {
    package enum Finding: Hashable, Sendable {
        /// What stood between two separators, without blanks at its ends; not empty.
        case event([UInt8])
        /// An event of more bytes than are kept. It was passed over.
        case tooLong(Int)
    }

    private let most: Int
    /// What came after the last separator, or after the beginning, when there was none.
    private var held: [UInt8] = []
    private var hasBegun = false
    /// Bytes of the event that is being passed over, nil when none is.
    private var passedOver: Int?

    /// `most`: bytes of an event that are kept. The original's limit is 102,400; a first batch of five tasks may hold
    /// far more, and whoever refuses it gets it again for ever.
    package init(most: Int = 8 << 20) {
        self.most = most
    }

    package mutating func read(_ message: some Collection<UInt8>) -> [Finding] {
        var findings: [Finding] = []
        // A separator may have begun in what is held.
        var searchFrom = max(0, held.count - EventFraming.separator.count + 1)
        held += message
        var start = 0
        while let found = Self.separator(in: held, from: searchFrom) {
            if let finding = finish(held[start..<found]) { findings.append(finding) }
            hasBegun = true
            start = found + EventFraming.separator.count
            searchFrom = start
        }
        held.removeFirst(start)
        shorten()
        return findings
    }

    /// What the text up to a separator is.
    private mutating func finish(_ text: ArraySlice<UInt8>) -> Finding? {
        if let passed = passedOver {
            passedOver = nil
            return .tooLong(passed + text.count)
        }
        guard hasBegun else { return nil }
        guard text.count <= most else { return .tooLong(text.count) }
        let isBlank = { (byte: UInt8) in byte == 0x20 || (0x09...0x0D).contains(byte) }
        guard let first = text.firstIndex(where: { !isBlank($0) }),
            let last = text.lastIndex(where: { !isBlank($0) })
        else { return nil }
        return .event(Array(text[first...last]))
    }

    /// Lets go of what is too long to be kept, and of what stands before the first separator, but for what may be the
    /// beginning of a separator.
    private mutating func shorten() {
        let least = EventFraming.separator.count - 1
        guard held.count > least, passedOver != nil || !hasBegun || held.count > most + least else { return }
        if hasBegun { passedOver = (passedOver ?? 0) + held.count - least }
        held.removeFirst(held.count - least)
    }

    private static func separator(in bytes: [UInt8], from start: Int) -> Int? {
        let separator = EventFraming.separator
        guard bytes.count >= separator.count else { return nil }
        var place = start
        while place <= bytes.count - separator.count {
            // The NUL is rare enough to be looked for alone.
            guard let candidate = bytes[place...(bytes.count - separator.count)].firstIndex(of: 0) else { return nil }
            if bytes[candidate..<candidate + separator.count].elementsEqual(separator) { return candidate }
            place = candidate + 1
        }
        return nil
    }
}
