/// The first attempts of a new version of a plugin, which decide whether it stays. Pure.
///
/// Two crashes before any attempt that the plugin ended itself, or three by more than one run, among the first twenty
/// attempts, and the version before is used again.
package struct FirstRuns: Hashable, Sendable {
    package let digest: String
    package private(set) var attempts = 0
    package private(set) var crashes = 0
    private var firstRun: RunID = 0
    private var hasManyRuns = false
    private var hasGoneBack = false

    package static let attempts = 20
    /// A host that starts later than this after a version came does not watch it any more.
    package static let window = Duration.seconds(3600)

    package init(digest: String) {
        self.digest = digest
    }

    package var isOver: Bool { attempts >= Self.attempts || hasGoneBack }

    package mutating func endedByItself() { attempts += 1 }

    /// True: the version before is to be used again.
    package mutating func crashed(_ run: RunID) -> Bool {
        if crashes == 0 { firstRun = run }
        hasManyRuns = hasManyRuns || run != firstRun
        attempts += 1
        crashes += 1
        hasGoneBack = crashes >= 2 && crashes == attempts || crashes >= 3 && hasManyRuns
        return hasGoneBack
    }
}
