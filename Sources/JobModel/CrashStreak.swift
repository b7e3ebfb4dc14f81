/// Crashes in a row, without an attempt between them that the plugin ended itself, and what follows from them. Pure.
///
/// The second crash in a row and each after it puts off the next attempt: 0.2 s, doubled each time, a minute at most.
/// Ten minutes without a crash end that. Five within ten minutes, by more than one run, or three guests in a row that did
/// not load, are a quarantine: nothing is started for a quarter of an hour. Then one attempt at a time is tried; if that
/// crashes, the next quarantine is twice as long, up to six hours.
package struct CrashStreak: Hashable, Sendable, Codable {
    package private(set) var crashes = 0
    package private(set) var firstAt: Instant
    /// No attempt starts before.
    package private(set) var until: Instant
    /// Since when it is quarantined; nil: it is not.
    package private(set) var quarantinedAt: Instant?
    /// Quarantines in a row.
    package private(set) var quarantines = 0
    /// Of the last crash.
    package private(set) var evidence: CrashEvidence
    /// The last ones, no more than are a quarantine; none in a quarantine, which asks for them no more and is all that is
    /// stored.
    private var recent: [Crash] = []

    private struct Crash: Hashable {
        var at: Instant
        var run: RunID
    }

    private enum CodingKeys: CodingKey {
        case crashes, firstAt, until, quarantinedAt, quarantines, evidence
    }

    /// Crashes in a row that are a quarantine.
    package static let mostCrashes = 5
    /// Guests in a row that did not load, likewise.
    package static let mostLoadFailures = 3
    package static let window = Duration.seconds(600)
    package static let longestPause = Duration.seconds(60)
    package static let firstQuarantine = Duration.seconds(15 * 60)
    package static let longestQuarantine = Duration.seconds(6 * 3600)

    /// The first crash.
    package init(_ evidence: CrashEvidence, at now: Instant) {
        self.evidence = evidence
        firstAt = now
        until = now
        crashes = 1
        recent = [Crash(at: now, run: evidence.run)]
    }

    package enum Start: Hashable, Sendable {
        case free
        /// One at a time, to see whether it works again.
        case onTrial
        case notBefore(Instant)
    }

    package func start(at now: Instant) -> Start {
        // A clock that is set back makes no pause longer than it may be.
        let until = min(self.until, now + Self.longestQuarantine)
        if now < until { return .notBefore(until) }
        return quarantinedAt == nil ? .free : .onTrial
    }

    /// Another one. True: this makes it a quarantine, or the next one.
    package mutating func add(_ evidence: CrashEvidence, most: Int, at now: Instant) -> Bool {
        self.evidence = evidence
        if quarantinedAt != nil {
            // What began before the quarantine says nothing new.
            guard now >= until, evidence.startedAt >= until else { return false }
            crashes += 1
            quarantine(at: now)
            return true
        }
        if let last = recent.last, now - last.at > Self.window {
            self = CrashStreak(evidence, at: now)
            return false
        }
        crashes += 1
        recent = (recent + [Crash(at: now, run: evidence.run)]).suffix(Self.mostCrashes)
        guard isLoop(most, at: now) else {
            until = now + pause
            return false
        }
        quarantine(at: now)
        return true
    }

    /// Whether the last crashes, `most` of them, are no accident, and not one run's alone.
    private func isLoop(_ most: Int, at now: Instant) -> Bool {
        let last = recent.suffix(most)
        guard let first = last.first, last.count == most, now - first.at <= Self.window else { return false }
        return evidence.isLoadFailure || last.contains { $0.run != first.run }
    }

    /// Whether an attempt that the plugin ended itself ends the streak: what began before a quarantine does not.
    package func isEnded(byAttemptFrom start: Instant) -> Bool {
        quarantinedAt == nil || start >= until
    }

    private var pause: Duration {
        min(Self.longestPause, .milliseconds(200) * (1 << min(max(crashes - 2, 0), 10)))
    }

    private mutating func quarantine(at now: Instant) {
        quarantinedAt = now
        until = now + min(Self.longestQuarantine, Self.firstQuarantine * (1 << min(quarantines, 8)))
        quarantines += 1
        recent = []
    }
}

/// What is known of a crash. Hints for people: the plugin could have forged some of it.
package struct CrashEvidence: Hashable, Sendable, Codable {
    package var run: RunID
    package var attempt: Int32
    package var startedAt: Instant
    package var isLoadFailure: Bool
    /// A sentence, with signal and last breadcrumb where there are any.
    package var message: String
    package var signal: String?
    package var breadcrumb: String?
    /// The limits it ran with, in words.
    package var limits: String

    package init(
        run: RunID, attempt: Int32, startedAt: Instant, isLoadFailure: Bool, message: String, signal: String? = nil,
        breadcrumb: String? = nil, limits: String = ""
    ) {
        self.run = run
        self.attempt = attempt
        self.startedAt = startedAt
        self.isLoadFailure = isLoadFailure
        self.message = message
        self.signal = signal
        self.breadcrumb = breadcrumb
        self.limits = limits
    }
}

/// A crash streak of a component, or for guests that did not load, of a plugin with all it has. Stored while it is a
/// quarantine.
package struct StreakRecord: Hashable, Sendable {
    package var plugin: String
    /// Nil: the whole plugin.
    package var component: String?
    package var digest: String
    package var streak: CrashStreak

    package init(plugin: String, component: String?, digest: String, streak: CrashStreak) {
        self.plugin = plugin
        self.component = component
        self.digest = digest
        self.streak = streak
    }

    /// `text/wordcount`, or `text` for the whole plugin.
    package var name: String { component.map { "\(plugin)/\($0)" } ?? plugin }
}

extension CrashClass {
    /// The plugin did this itself: no limit, no sandbox, nobody from outside.
    package var isOfThePlugin: Bool {
        switch self {
        case .calledExit, .memoryFault, .arithmetic, .runtimeTrap, .abort, .protocolLost, .protocolViolation,
            .loadFailed:
            true
        case .sandboxDenied, .outOfMemory, .killedExternally, .unkillable, .fileLimit, .processLimit, .scratchLimit,
            .noGuest:
            false
        }
    }
}
