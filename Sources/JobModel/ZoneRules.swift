/// How far the wall clocks of a zone are from UTC, at any instant.
package struct ZoneRules: Hashable, Sendable {
    package let name: String
    /// In force before the first transition.
    private let initialOffset: Int
    /// Rising, and each changes the offset.
    private let transitions: [ZoneTransition]
    /// In force from `ruleStart` on.
    private let rule: YearlyRule?
    private let ruleStart: Int

    package static let utc = ZoneRules(fixedOffset: 0, name: "UTC")

    private init(fixedOffset: Int, name: String) {
        self.name = name
        initialOffset = fixedOffset
        transitions = []
        rule = nil
        ruleStart = ZoneSpan.always.lowerBound
    }

    /// Reads the bytes of a TZif file (RFC 9636, versions 1 to 4). Refuses whatever breaks the format, and files that
    /// count leap seconds, since our instants do not.
    package init(tzif bytes: [UInt8], name: String) throws(ZoneError) {
        let file = try ZoneFile(bytes, zone: name)
        self.name = name
        initialOffset = file.initialOffset
        rule = file.rule
        var kept: [ZoneTransition] = []
        for transition in file.transitions where transition.offset != kept.last?.offset ?? file.initialOffset {
            kept.append(transition)
        }
        let listedEnd = file.transitions.last?.at ?? ZoneSpan.always.lowerBound
        // Looking up is faster than computing, and near instants are asked for most.
        let near = file.transitions.last.flatMap { file.rule?.transitions(after: $0, through: 2100) } ?? []
        for transition in near where transition.offset != kept.last?.offset ?? file.initialOffset {
            kept.append(transition)
        }
        transitions = kept
        ruleStart = near.last?.at ?? listedEnd
    }

    /// Seconds east of UTC.
    package func offset(at instant: Instant) -> Int {
        span(at: Int(instant.microseconds).flooredQuotient(by: 1_000_000)).offset
    }

    /// The stretch of time with one offset that holds a second since 1970 UTC; its ends are the transitions before and after.
    func span(at second: Int) -> ZoneSpan {
        guard let rule, second >= ruleStart else { return listedSpan(at: second) }
        var span = rule.span(at: second)
        if span.start <= ruleStart {
            span.start = ruleStart
            span.offsetBefore = listedSpan(at: ruleStart - 1).offset
        }
        return span
    }

    private func listedSpan(at second: Int) -> ZoneSpan {
        let next = transitions.firstIndex(after: second)
        let current = next > 0 ? transitions[next - 1] : nil
        let latest = rule == nil ? ZoneSpan.always.upperBound : ruleStart
        return ZoneSpan(
            start: current?.at ?? ZoneSpan.always.lowerBound,
            end: next < transitions.count ? transitions[next].at : latest,
            offset: current?.offset ?? initialOffset,
            offsetBefore: next > 1 ? transitions[next - 2].offset : initialOffset)
    }
}

/// A stretch of time in which a zone keeps one offset. Seconds since 1970 UTC, offsets in seconds east.
struct ZoneSpan: Hashable {
    /// The first second.
    var start: Int
    /// The first second after it.
    var end: Int
    var offset: Int
    /// The offset before `start`; the same as `offset` where nothing changed.
    var offsetBefore: Int

    /// Far beyond every `Instant`, and far enough from Int's ends to add to.
    static let always = Int.min / 4..<Int.max / 4
}

struct ZoneTransition: Hashable {
    var at: Int
    /// From `at` on.
    var offset: Int
}

extension [ZoneTransition] {
    /// Index of the first transition later than a second; `count` when there is none.
    fileprivate func firstIndex(after second: Int) -> Int {
        var low = 0
        var high = count
        while low < high {
            let middle = (low + high) / 2
            if self[middle].at <= second { low = middle + 1 } else { high = middle }
        }
        return low
    }
}
