/// What becomes of planned instants that passed while the job could not fire: the host was down, the clock was put
/// forward, or the job was paused.
package struct MissedPolicy: Hashable, Sendable, Codable {
    package enum Rule: Hashable, Sendable {
        /// No run.
        case skip
        /// One run, for the last of them.
        case once
        /// A run for each of the last ones, at most so many.
        case all(Int)
    }

    package var rule: Rule
    /// What is later than this is not made up for. Nil: however late.
    package var within: Duration?
    /// The runs made up for start spread over this time from now on, jobs of different names at different times.
    package var spread: Duration

    package init(_ rule: Rule = .skip, within: Duration? = nil, spread: Duration = .zero) {
        self.rule = rule
        self.within = within
        self.spread = spread
    }

    /// A fire up to this late is not missed, unless the job was paused: the last one that is due gets its run whatever the
    /// rule says.
    package static let tolerance = Duration.seconds(60)

    var most: Int { if case .all(let most) = rule { most } else { 1 } }

    /// How late an instant may be and still get a run.
    func patience(wasPaused: Bool) -> Duration {
        let slack = wasPaused ? .microseconds(-1) : Self.tolerance
        return rule == .skip ? slack : max(within ?? .microseconds(Int64.max), slack)
    }

    /// Why what is not made up for is not, to follow "missed …: ".
    func words(wasPaused: Bool) -> String {
        let cause = wasPaused ? "the job was paused" : "the host was down or late"
        let limit = within.map { ", not later than \($0.berthText)" } ?? ""
        return switch rule {
        case .skip: "\(cause), and the job says missed: skip"
        case .once: "\(cause), and only the last one is made up for\(limit)"
        case .all(let most): "\(cause), and at most the last \(most) are made up for\(limit)"
        }
    }
}

extension MissedPolicy.Rule {
    package static let counts = 1...10_000

    /// Reads `skip`, `once`, `all` and `all(24)`; `all` alone means the last thousand.
    package init?(text: String) {
        guard let written = CountedWord(text: text, counts: Self.counts) else { return nil }
        switch (written.word, written.count) {
        case ("skip", nil): self = .skip
        case ("once", nil): self = .once
        case ("all", let most): self = .all(most ?? 1000)
        default: return nil
        }
    }

    package var text: String {
        switch self {
        case .skip: "skip"
        case .once: "once"
        case .all(let most): CountedWord("all", most).text
        }
    }
}

extension MissedPolicy.Rule: Codable {
    package init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        let text = try container.decode(String.self)
        guard let rule = Self(text: text) else {
            throw DecodingError.dataCorruptedError(in: container, debugDescription: "no rule for missed fires: \(text)")
        }
        self = rule
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(text)
    }
}
