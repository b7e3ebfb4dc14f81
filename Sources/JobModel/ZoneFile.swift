/// The parts of a TZif file that say how far a zone's clocks are from UTC.
struct ZoneFile {
    var initialOffset: Int
    /// Strictly rising.
    var transitions: [ZoneTransition]
    /// The footer.
    var rule: YearlyRule?

    init(_ bytes: [UInt8], zone: String) throws(ZoneError) {
        var reader = ZoneFileReader(bytes: bytes[...], zone: zone)
        let old = try reader.header()
        if old.version == 0 {
            (initialOffset, transitions) = try reader.body(old, timeWidth: 4)
            return
        }
        try reader.skip(old.length(timeWidth: 4))
        (initialOffset, transitions) = try reader.body(reader.header(), timeWidth: 8)
        rule = try reader.footer()
    }
}

/// Walks over the bytes of a TZif file and trusts none of them.
private struct ZoneFileReader {
    var bytes: [UInt8].SubSequence
    let zone: String

    struct Header {
        var version: UInt8
        var utcMarks: Int
        var standardMarks: Int
        var leaps: Int
        var times: Int
        var types: Int
        var characters: Int

        func length(timeWidth: Int) -> Int {
            times * (timeWidth + 1) + types * 6 + characters + leaps * (timeWidth + 4) + standardMarks + utcMarks
        }
    }

    /// 2^59 seconds before 1970 is the earliest the format allows; as much after it is far enough.
    private static let possibleTimes = -(1 << 59)...(1 << 59)
    /// What the format allows and a little more: nobody's clock is 26 hours off.
    private static let possibleOffsets = -93_600...93_600

    mutating func header() throws(ZoneError) -> Header {
        guard bytes.starts(with: "TZif".utf8) else { throw .notZoneFile(zone: zone) }
        let start = try take(20)
        var counts: [Int] = []
        for _ in 0..<6 { counts.append(try number(4)) }
        let header = Header(
            version: start[start.startIndex + 4], utcMarks: counts[0], standardMarks: counts[1], leaps: counts[2],
            times: counts[3], types: counts[4], characters: counts[5])
        guard header.leaps == 0 else { throw damaged("it counts leap seconds") }
        return header
    }

    mutating func skip(_ count: Int) throws(ZoneError) {
        _ = try take(count)
    }

    mutating func body(_ header: Header, timeWidth: Int) throws(ZoneError) -> (Int, [ZoneTransition]) {
        // Checked before anything is allocated for it.
        guard bytes.count >= header.length(timeWidth: timeWidth) else { throw .truncated(zone: zone) }
        var times: [Int] = []
        for _ in 0..<header.times { times.append(try signed(timeWidth)) }
        let kinds = try take(header.times)
        var offsets: [Int] = []
        for _ in 0..<header.types {
            offsets.append(try signed(4))
            try skip(2)
        }
        try skip(header.characters + header.standardMarks + header.utcMarks)
        guard let first = offsets.first else { throw damaged("it has no local time type") }
        guard offsets.allSatisfy(ZoneFileReader.possibleOffsets.contains) else {
            throw damaged("an offset is too large")
        }
        return (first, try transitions(times, kinds: kinds, offsets: offsets))
    }

    private func transitions(
        _ times: [Int], kinds: [UInt8].SubSequence, offsets: [Int]
    ) throws(ZoneError) -> [ZoneTransition] {
        var transitions: [ZoneTransition] = []
        transitions.reserveCapacity(times.count)
        for (time, kind) in zip(times, kinds) {
            guard ZoneFileReader.possibleTimes.contains(time), time > transitions.last?.at ?? .min else {
                throw damaged("its transitions do not rise")
            }
            guard offsets.indices.contains(Int(kind)) else { throw damaged("a transition has an unknown type") }
            transitions.append(ZoneTransition(at: time, offset: offsets[Int(kind)]))
        }
        return transitions
    }

    /// Nil where the file says nothing about the time after its last transition.
    mutating func footer() throws(ZoneError) -> YearlyRule? {
        let newline = UInt8(ascii: "\n")
        guard bytes.first == newline, let end = bytes.dropFirst().firstIndex(of: newline) else {
            throw .truncated(zone: zone)
        }
        let text = bytes[(bytes.startIndex + 1)..<end]
        guard !text.isEmpty else { return nil }
        guard let rule = YearlyRule(posix: text) else { throw damaged("its rule for later years cannot be read") }
        return rule
    }

    private mutating func signed(_ width: Int) throws(ZoneError) -> Int {
        let bits = try number(width)
        return width == 4 ? Int(Int32(truncatingIfNeeded: bits)) : bits
    }

    /// Big-endian; eight bytes fill the sign too.
    private mutating func number(_ width: Int) throws(ZoneError) -> Int {
        try take(width).reduce(0) { $0 << 8 | Int($1) }
    }

    private mutating func take(_ count: Int) throws(ZoneError) -> [UInt8].SubSequence {
        guard count <= bytes.count else { throw .truncated(zone: zone) }
        defer { bytes = bytes.dropFirst(count) }
        return bytes.prefix(count)
    }

    private func damaged(_ what: String) -> ZoneError { .damaged(zone: zone, what: what) }
}
