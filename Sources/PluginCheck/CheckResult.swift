import JobModel

/// What became of one check.
package struct CheckResult: Sendable {
    package enum Verdict: Sendable, Hashable {
        /// With something worth saying, or nothing.
        case passed(String)
        case failed(String)
        case notApplicable(String)
        /// It could not be made, and says nothing about the plugin; why is in words.
        case notRun(String)
    }

    package var check: Check
    package var verdict: Verdict
    package var seconds: Double

    package init(check: Check, verdict: Verdict, seconds: Double = 0) {
        self.check = check
        self.verdict = verdict
        self.seconds = seconds
    }

    package var hasFailed: Bool { if case .failed = verdict { true } else { false } }

    package var isMissing: Bool { if case .notRun = verdict { true } else { false } }

    package var text: String { verdict.text }

    /// One word for tables and JSON.
    package var word: String {
        switch verdict {
        case .passed: "passed"
        case .failed: "failed"
        case .notApplicable: "not_applicable"
        case .notRun: "not_run"
        }
    }
}

extension CheckResult.Verdict {
    package var text: String {
        switch self {
        case .passed(let text), .failed(let text), .notApplicable(let text), .notRun(let text): text
        }
    }
}

/// All that was found about one file.
package struct CheckReport: Sendable {
    package var file: String
    package var plugin: String?
    package var version: String?
    package var profile: Check.Profile
    package var seed: UInt64
    /// In the order of `Check.allCases`.
    package var results: [CheckResult]

    package func failures(_ level: Check.Level) -> [CheckResult] {
        results.filter { $0.hasFailed && $0.check.level == level }
    }
}

/// What to check.
package struct CheckRequest: Sendable {
    package var file: String
    /// Ids of the components to look at; all when empty.
    package var components: [String]
    /// For an ordinary run; made from the schema where none are given.
    package var params: [UInt8]?
    /// For the plugin's start, JSON.
    package var configuration: String
    package var profile: Check.Profile
    package var seed: UInt64
    /// Somebody vouches for the file: it may try what it did not say that it needs.
    package var isTrusted = false
    /// Where berth-check and berth-guest are.
    package var checkProgram: String
    package var guestProgram: String

    package init(
        file: String, components: [String] = [], params: [UInt8]? = nil, configuration: String = "{}",
        profile: Check.Profile = .quick, seed: UInt64, checkProgram: String, guestProgram: String
    ) {
        self.file = file
        self.components = components
        self.params = params
        self.configuration = configuration
        self.profile = profile
        self.seed = seed
        self.checkProgram = checkProgram
        self.guestProgram = guestProgram
    }
}

/// Why nothing was checked at all.
package enum CheckError: Error, Hashable, Sendable {
    case noSuchFile(String)
    case noSuchComponent(String, known: [String])
    /// It cannot be loaded, so that there is nothing to measure.
    case unusable(String)
    /// The system refused something that has nothing to do with the plugin.
    case system(String)
}
