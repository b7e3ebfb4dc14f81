/// The fires of a schedule to come, across the next change of its zone's clocks.
package struct Outlook: Hashable, Sendable {
    package enum Row: Hashable, Sendable {
        /// `note` says what is special about it.
        case fire(Instant, note: String?)
        /// `effect` says what it does to the schedule; nil: nothing.
        case change(ZoneChange, effect: String?)
        /// Fires that are left out here.
        case more(Int)
    }

    package let rows: [Row]

    /// `count` fires at most. Where that many do not reach the next change, the first are followed by those around it.
    package init(of schedule: Schedule, after start: Instant, count: Int) {
        let fires = Self.fires(of: schedule, after: start, count)
        guard let change = schedule.zone.change(after: start), let last = fires.last, fires.count == count,
            last < change.at
        else {
            rows = Self.rows(fires, of: schedule, after: start)
            return
        }
        let head = Array(fires.prefix(count * 3 / 10))
        let from = head.last ?? start
        let before = schedule.last(count / 4, after: from, through: change.at + .microseconds(-1))
        let tail =
            before + Self.fires(of: schedule, after: change.at + .microseconds(-1), count - head.count - before.count)
        let hidden = schedule.count(after: from, through: change.at + .microseconds(-1)) - before.count
        rows =
            Self.rows(head, of: schedule, after: start) + (hidden > 0 ? [.more(hidden)] : [])
            + Self.rows(tail, of: schedule, after: from)
    }

    package var fires: [Instant] {
        rows.compactMap { if case .fire(let instant, _) = $0 { instant } else { nil } }
    }

    private static func fires(of schedule: Schedule, after start: Instant, _ count: Int) -> [Instant] {
        Array(sequence(first: start) { schedule.next(after: $0) }.dropFirst().prefix(count))
    }

    /// The fires with the changes between them.
    private static func rows(_ fires: [Instant], of schedule: Schedule, after start: Instant) -> [Row] {
        var rows: [Row] = []
        var cursor = start
        for fire in fires {
            // Seldom fires have many changes between them; the last ones are enough to see.
            let changes = schedule.zone.changes(after: cursor, through: fire)
            rows += changes.suffix(2).map { .change($0, effect: schedule.effect(of: $0)) }
            rows.append(.fire(fire, note: schedule.note(at: fire)))
            cursor = fire
        }
        return rows
    }
}
