/// When a job is due: the compiled form of a `ScheduleSpec`.
package struct Schedule: Hashable, Sendable {
    /// `anchor` is where an `every` grid and `@every` start. `zones` gives the rules of an IANA zone, nil when there is no
    /// such zone.
    package init(
        _ spec: ScheduleSpec, anchor: Instant, zones: (String) -> ZoneRules?
    ) throws(ScheduleError) {
        fatalError("stub")
    }

    /// The first instant after another at which the job is due; nil: never again.
    package func next(after instant: Instant) -> Instant? { fatalError("stub") }
}
