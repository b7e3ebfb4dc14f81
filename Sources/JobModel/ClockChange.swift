/// What happens to a schedule where a zone's clocks are moved.
package enum ClockChange: String, Hashable, Sendable, Codable, CaseIterable {
    /// A fixed time runs once for each of its dates: at the end of a gap that swallows it, in the first pass of an
    /// hour that comes twice. A schedule with an open second, minute or hour follows the clock.
    case civil
    /// Whatever the clock shows: never in a gap, twice in an hour that comes twice.
    case literal
}
