/// How the two day fields of a cron text work together.
package enum DayRule: String, Hashable, Sendable, Codable, CaseIterable {
    /// Either is enough, unless a field has an item `*` or `?`.
    case robfig
    /// Either is enough, unless a field begins with `*` or `?`.
    case vixie
    /// Both must match.
    case and
}
