/// When a job is due, as written. `Schedule` is the compiled form.
///
/// Zones are IANA names; nil means UTC, and a zone in the text itself beats it. The other nils stand for what the
/// compiled form does unless told otherwise: robfig's day rule, the civil treatment of clock changes, a grid.
package enum ScheduleSpec: Hashable, Sendable, Codable {
    /// Nothing but a trigger.
    case none
    /// 5 to 7 fields, a word such as `@daily`, or `@every`.
    case cron(String, zone: String? = nil, dayRule: DayRule? = nil, clockChange: ClockChange? = nil)
    case every(Duration, from: IntervalStart? = nil)
    /// Times of every day: `02:00` or `02:00,14:30`.
    case daily(String, zone: String? = nil, clockChange: ClockChange? = nil)
    /// Weekdays and times: `MON,FRI 09:00`.
    case weekly(String, zone: String? = nil, clockChange: ClockChange? = nil)
    /// Days and times, negative days from the month's end: `1,-1 02:00`.
    case monthly(String, zone: String? = nil, clockChange: ClockChange? = nil)
    /// systemd's OnCalendar: `Mon..Fri *-*-* 09:00 Europe/Berlin`.
    case calendar(String, zone: String? = nil, clockChange: ClockChange? = nil)
    case at(Instant)
}

/// From where an interval is counted.
package enum IntervalStart: String, Hashable, Sendable, Codable, CaseIterable {
    /// A fixed grid from the job's stored anchor.
    case anchor
    /// The end of the job's last run.
    case end
}
