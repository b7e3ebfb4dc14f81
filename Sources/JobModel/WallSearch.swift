/// Finds and counts the instants at which a zone's clocks show what a pattern asks for.
///
/// It goes from one stretch of constant offset to the next, and inside of one by month and day; stretches in which no
/// date matches are jumped over. All numbers are seconds: instants since 1970 UTC, walls as the clock shows them.
struct WallSearch {
    let pattern: WallPattern
    let zone: ZoneRules
    /// Second passes are left out.
    let oncePerDate: Bool
    /// What a gap swallows comes once, at its end.
    let fillsGaps: Bool

    /// The longest wait without a year field is 40 years: 29 February on a given weekday, across 2100.
    private static let horizon = 60 * 31_557_600
    /// More than any clock is off from UTC.
    private static let margin = 27 * 3600

    func next(after second: Int) -> Int? {
        let limit = pattern.years.map { endOfYear($0.last ?? 0) } ?? second + WallSearch.horizon
        var cursor = second + 1
        while cursor <= limit {
            let range = (cursor - WallSearch.margin, limit + WallSearch.margin)
            guard let wall = pattern.first(from: range.0, before: range.1) else { return nil }
            cursor = max(cursor, wall - WallSearch.margin)
            let span = zone.span(at: cursor)
            if let found = first(in: span, from: cursor, limit: limit) { return found }
            cursor = span.end
        }
        return nil
    }

    func previous(before second: Int) -> Int? {
        let limit =
            pattern.years.map { endOfYear(($0.first ?? 0) - 1) - 2 * WallSearch.margin } ?? second - WallSearch.horizon
        var cursor = second - 1
        while cursor >= limit {
            let range = (limit - WallSearch.margin, cursor + WallSearch.margin)
            guard let wall = pattern.last(from: range.0, before: range.1) else { return nil }
            cursor = min(cursor, wall + WallSearch.margin)
            let span = zone.span(at: cursor)
            if let found = last(in: span, through: cursor, limit: limit) { return found }
            cursor = span.start - 1
        }
        return nil
    }

    /// How many there are after one second and through another.
    func count(after start: Int, through end: Int) -> Int {
        var cursor = start + 1
        var end = end
        if let years = pattern.years {
            cursor = max(cursor, endOfYear((years.first ?? 0) - 1) - 2 * WallSearch.margin)
            end = min(end, endOfYear(years.last ?? 0))
        }
        var count = 0
        while cursor <= end {
            let span = zone.span(at: cursor)
            count += self.count(in: span, from: cursor, before: min(end + 1, span.end))
            cursor = span.end
        }
        return count
    }

    private func count(in span: ZoneSpan, from cursor: Int, before end: Int) -> Int {
        let found = pattern.count(from: max(cursor + span.offset, firstWall(of: span)), before: end + span.offset)
        guard cursor == span.start, missedInGap(before: span) else { return found }
        return pattern.matches(span.start + span.offset) ? found : found + 1
    }

    /// Whether a second is one of those that are searched for.
    func matches(_ second: Int) -> Bool {
        next(after: second - 1) == second
    }

    private func first(in span: ZoneSpan, from cursor: Int, limit: Int) -> Int? {
        if cursor == span.start, missedInGap(before: span) { return cursor }
        let wall = max(cursor + span.offset, firstWall(of: span))
        let end = min(span.end, limit + WallSearch.margin) + span.offset
        return pattern.first(from: wall, before: end).map { $0 - span.offset }
    }

    private func last(in span: ZoneSpan, through cursor: Int, limit: Int) -> Int? {
        let wall = max(limit - WallSearch.margin + span.offset, firstWall(of: span))
        if let found = pattern.last(from: wall, before: cursor + span.offset + 1) { return found - span.offset }
        return missedInGap(before: span) ? span.start : nil
    }

    /// Where a span begins for us: after the walls that the span before it has shown already.
    private func firstWall(of span: ZoneSpan) -> Int {
        span.start + (oncePerDate ? max(span.offset, span.offsetBefore) : span.offset)
    }

    /// A fixed time was skipped when the clock was put forward at the start of a span.
    private func missedInGap(before span: ZoneSpan) -> Bool {
        fillsGaps && span.offset > span.offsetBefore
            && pattern.first(from: span.start + span.offsetBefore, before: span.start + span.offset) != nil
    }

    /// An instant after the year's end in every zone; two margins earlier, one before it.
    private func endOfYear(_ year: Int) -> Int {
        CivilDate(year: year + 1, month: 1, day: 1).daysSinceEpoch * 86_400 + WallSearch.margin
    }
}
