/// What happens when a job is due while runs of it have not ended.
package enum OverlapPolicy: Hashable, Sendable {
    case skip
    /// Up to so many at a time; nil: any number.
    case allow(Int?)
    /// One after another, and at most so many wait for the one that goes.
    case queue(Int)
    /// What has not ended is cancelled; the new run starts when it is gone.
    case replace

    package static let counts = 1...1000

    /// How many runs that the schedule made may have started and not ended; nil: any number.
    package var atOnce: Int? {
        switch self {
        case .allow(let most): most
        case .skip, .queue, .replace: 1
        }
    }

    /// Reads `skip`, `allow`, `allow(3)`, `queue`, `queue(3)` and `replace`; `queue` alone lets one wait.
    package init?(text: String) {
        guard let written = CountedWord(text: text, counts: Self.counts) else { return nil }
        switch (written.word, written.count) {
        case ("skip", nil): self = .skip
        case ("allow", let most): self = .allow(most)
        case ("queue", let most): self = .queue(most ?? 1)
        case ("replace", nil): self = .replace
        default: return nil
        }
    }

    package var text: String {
        switch self {
        case .skip: "skip"
        case .allow(let most): CountedWord("allow", most).text
        case .queue(let most): CountedWord("queue", most).text
        case .replace: "replace"
        }
    }
}

extension OverlapPolicy: Codable {
    package init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        let text = try container.decode(String.self)
        guard let policy = Self(text: text) else {
            throw DecodingError.dataCorruptedError(in: container, debugDescription: "no overlap policy: \(text)")
        }
        self = policy
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(text)
    }
}
