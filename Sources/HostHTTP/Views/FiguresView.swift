package import JobModel

/// What has become of all runs of a component, of a job, or of the host, pruned ones too.
package struct FiguresView: JSONView {
    package let json: JSONValue

    package init(json: JSONValue) {
        self.json = json
    }

    package init(_ figures: RunFigures) {
        let states = RunState.allCases.filter(\.isEnd)
        let attempts = zip(RunFigures.attemptWords, figures.attempts)
        let durations = figures.durations
        json = .object(present: [
            "runs": .object(states.map { JSONMember($0.word, .number(figures.ends($0))) }),
            "attempts": .object(attempts.map { JSONMember($0, .number($1)) }),
            "success_rate": figures.successRate.map { .number(Self.fraction($0)) },
            "took": durations.isEmpty
                ? nil
                : .object(present: [
                    "mean": durations.mean.map { .string($0.berthText) },
                    "p50": durations.percentile(0.5).map { .string($0.berthText) },
                    "p95": durations.percentile(0.95).map { .string($0.berthText) },
                    "p99": durations.percentile(0.99).map { .string($0.berthText) },
                ]),
        ])
    }

    /// Four digits behind the point.
    private static func fraction(_ rate: Double) -> String {
        let parts = Int64((rate * 10_000).rounded())
        let digits = String(parts % 10_000)
        return "\(parts / 10_000).\(String(repeating: "0", count: 4 - digits.count))\(digits)"
    }

    package func runs(_ state: RunState) -> Int64 { json["runs"]?[state.word]?.integer ?? 0 }

    /// `98.5 %`; nil while no run came to an end.
    package var successRate: String? {
        guard case .number(let digits)? = json["success_rate"], let rate = Double(digits), (0...1).contains(rate)
        else { return nil }
        let tenths = Int64((rate * 1000).rounded(.down))
        return "\(tenths / 10).\(tenths % 10) %"
    }

    /// `mean 1.2ms, p50 1ms, p95 3ms, p99 9ms`
    package var took: String? {
        guard let members = json["took"]?.members else { return nil }
        return members.map { "\($0.name) \($0.value.string ?? "")" }.joined(separator: ", ")
    }

    /// `98.5 % of all runs succeeded; attempts took mean 1.2ms, …`; nil when nothing can be said.
    package var words: String? {
        let parts = [successRate.map { "\($0) of all runs succeeded" }, took.map { "attempts took \($0)" }]
        let said = parts.compactMap(\.self)
        return said.isEmpty ? nil : said.joined(separator: "; ")
    }

    /// `120 succeeded, 3 failed`; nil when nothing ended.
    package var runWords: String? { Self.words(json["runs"]) }
    package var attemptWords: String? { Self.words(json["attempts"]) }

    /// What half of the attempts did not take longer than.
    package var typicalTime: String? { json["took"]?["p50"]?.string }

    private static func words(_ counts: JSONValue?) -> String? {
        let some = (counts?.members ?? []).filter { $0.value.integer ?? 0 > 0 }
        guard !some.isEmpty else { return nil }
        return some.map { "\($0.value.integer ?? 0) \($0.name)" }.joined(separator: ", ")
    }
}
