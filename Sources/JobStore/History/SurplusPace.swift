import JobModel
import Synchronization

/// How often it is looked for runs that are too many. One look may have to walk over all that is kept: it is made again
/// after a hundred times as long as it took, and not before something has ended. May be used from any thread.
package final class SurplusPace: Sendable {
    struct Subject: Hashable {
        /// Nil: runs of no job.
        var job: String?
        var state: RunState
    }

    private struct Looks {
        var rules: HistoryRules?
        var last: [Subject: (next: ContinuousClock.Instant, ends: Int64)] = [:]
    }

    private static let rest = 100

    private let looks = Mutex(Looks())

    /// Every first look is due.
    package init() {}

    /// Other rules find other runs.
    func begin(_ rules: HistoryRules) {
        looks.withLock { looks in
            if looks.rules != rules { looks = Looks(rules: rules) }
        }
    }

    /// `ends`: how many runs have ended in the state, of whatever job.
    func isDue(_ subject: Subject, ends: Int64, at now: ContinuousClock.Instant) -> Bool {
        looks.withLock { looks in
            guard let look = looks.last[subject] else { return true }
            return look.next <= now && look.ends != ends
        }
    }

    /// Nothing was found, or all of it is gone.
    func looked(_ subject: Subject, ends: Int64, took: Duration, at now: ContinuousClock.Instant) {
        looks.withLock { $0.last[subject] = (now + took * Self.rest, ends) }
    }
}
