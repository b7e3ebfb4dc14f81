/// How long runs are kept after their end, by the state they ended in.
package struct HistoryPolicy: Hashable, Sendable, Codable {
    /// Both hold: what is too old goes, and of what is not the oldest beyond the count.
    package struct Keep: Hashable, Sendable, Codable {
        /// Since the end. Nil: for ever.
        package var age: Duration?
        /// Of one job; runs of no job count together. Nil: all.
        package var count: Int?

        package init(age: Duration?, count: Int? = nil) {
            self.age = age
            self.count = count
        }
    }

    /// What is said; the host's own holds for the other states, and `standard` for those the host says nothing of.
    package var said: [RunState: Keep]

    package init(_ said: [RunState: Keep] = [:]) {
        self.said = said
    }

    package static let none = HistoryPolicy()
    package static let standard = HistoryPolicy([
        .succeeded: Keep(age: .days(7)), .failed: Keep(age: .days(30)), .cancelled: Keep(age: .days(30)),
        .skipped: Keep(age: .days(30)), .expired: Keep(age: .days(30)),
    ])

    /// With what it leaves open taken from another.
    package func over(_ other: HistoryPolicy) -> HistoryPolicy {
        HistoryPolicy(other.said.merging(said) { _, own in own })
    }

    /// Whether a run that ended in a state at an instant is too old now.
    package func isOver(_ state: RunState, endedAt: Instant, now: Instant) -> Bool {
        guard let age = said[state]?.age else { return false }
        return endedAt + age <= now
    }

    /// Nothing younger than this is ever too old. Nil: nothing ever is.
    package var leastAge: Duration? { said.values.compactMap(\.age).min() }
}

extension HistoryPolicy {
    /// States by their number, so that the stored text does not depend on words.
    package init(from decoder: any Decoder) throws {
        let numbered = try decoder.singleValueContainer().decode([Int: Keep].self)
        self.init(
            Dictionary(
                uniqueKeysWithValues: numbered.compactMap { number, keep in
                    RunState(rawValue: number).map { ($0, keep) }
                }))
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(Dictionary(uniqueKeysWithValues: said.map { ($0.key.rawValue, $0.value) }))
    }
}

extension Duration {
    fileprivate static func days(_ count: Int64) -> Duration { .seconds(count * 86_400) }
}
