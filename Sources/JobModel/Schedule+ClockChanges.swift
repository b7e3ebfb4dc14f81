// What a zone's clock changes do to a schedule, in words.
extension Schedule {
    /// The zone whose clock the schedule follows; UTC for those that follow none.
    package var zone: ZoneRules {
        if case .wall(_, let zone, _) = rule { zone } else { .utc }
    }

    /// Nil for schedules that follow no wall clock.
    package var clockChange: ClockChange? {
        if case .wall(_, _, let change) = rule { change } else { nil }
    }

    /// What one of its zone's changes does to the schedule; nil where it makes no difference to it.
    package func effect(of change: ZoneChange) -> String? {
        guard case .wall(let rule, _, let policy) = rule else { return nil }
        let walls = (min(change.walls.before, change.walls.after), max(change.walls.before, change.walls.after))
        let count = rule.pattern.count(from: walls.0, before: walls.1)
        guard count > 0, let first = rule.pattern.first(from: walls.0, before: walls.1) else { return nil }
        let isOne = count == 1
        let what = isOne ? CivilTime(secondsSinceEpoch: first).clockText : "\(count) planned times"
        guard rule.isFixed else {
            return "it follows the clock, which \(change.isForward ? "leaves out \(what)" : "shows \(what) twice")"
        }
        if change.isForward {
            let fate = policy == .civil && rule.fillsGaps ? "one run at the end of the gap" : "no run that day"
            return "\(what) \(isOne ? "is" : "are") swallowed by the gap: \(fate)"
        }
        let fate = policy == .civil ? "the first pass runs, the second does not" : "both passes run"
        return "\(what) \(isOne ? "comes" : "come") twice: \(fate)"
    }

    /// What is special about one of the schedule's own instants; nil for most.
    package func note(at instant: Instant) -> String? {
        guard case .wall(let rule, let zone, let policy) = rule else { return nil }
        let second = instant.split.second
        let span = zone.span(at: second)
        let wall = second + span.offset
        if second == span.start, span.offset > span.offsetBefore,
            let missed = rule.pattern.first(from: span.start + span.offsetBefore, before: wall), rule.fillsGaps,
            rule.isFixed, policy == .civil
        {
            return "in place of \(CivilTime(secondsSinceEpoch: missed).clockText), which this day does not have"
        }
        if wall < span.start + span.offsetBefore { return "second pass of the hour that comes twice" }
        guard span.end < ZoneSpan.always.upperBound, wall >= span.end + zone.span(at: span.end).offset else {
            return nil
        }
        return "first pass of the hour that comes twice"
    }
}
