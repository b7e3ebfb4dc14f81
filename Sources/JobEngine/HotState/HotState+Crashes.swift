import GuestPool
import JobModel
import JobStore
import PluginCatalog

/// Whose crashes are counted together.
struct StreakKey: Hashable {
    var plugin: String
    /// Nil: of guests that did not load, whatever they were to run.
    var component: String?
}

/// A version that crashed in its first runs: the one before is to be used again.
struct Withdrawal: Hashable, Sendable {
    var plugin: String
    var digest: String
    var reason: String
}

/// Components that crash again and again are slowed down, then left alone for a while; new versions that crash at once
/// make way for the one before. Everything else goes on.
extension HotState {
    /// Says what the end of an attempt means for its component. `isCurrent`: it ran in the version that is active now.
    mutating func judgeHealth(_ run: HotRun, _ end: AttemptEnd, isCurrent: Bool, now: Instant) {
        if end.outcome == .succeeded, !components[run.component].hasCrashed, firstRuns.isEmpty {
            if components[run.component].killsInARow > 0 { components[run.component].killsInARow = 0 }
            return
        }
        let component = components[run.component]
        guard isCurrent, let digest = component.current?.digest, watchesCrashes(of: component.name.plugin) else {
            return
        }
        switch end.outcome {
        case .succeeded, .failed:
            components[run.component].killsInARow = 0
            guard component.hasCrashed || !firstRuns.isEmpty else { return }
            if component.hasCrashed { endStreaks(of: component.name, startedAt: end.startedAt, now: now) }
            firstRuns[component.name.plugin]?.endedByItself()
            forgetFirstRuns(of: component.name.plugin)
        case .crashed(let kind) where kind.isOfThePlugin:
            let evidence = evidence(of: run, end, kind, component)
            count(evidence, of: component.name, digest, now: now)
            countFirstRun(evidence, of: component.name.plugin, digest, now: now)
        case .crashed(.killedExternally):
            components[run.component].killsInARow += 1
            guard components[run.component].killsInARow >= Self.mostKills else { return }
            let evidence = evidence(of: run, end, .killedExternally, component)
            count(evidence, of: component.name, digest, now: now)
            countFirstRun(evidence, of: component.name.plugin, digest, now: now)
        case .crashed, .cancelled, .timedOut, .interrupted: break
        }
    }

    /// Once or twice a kernel short of memory may have meant any guest; a plugin that is killed each time kills itself, or
    /// takes the memory.
    private static let mostKills = 3

    private func watchesCrashes(of plugin: String) -> Bool {
        surroundings.plugins[plugin]?.quarantine ?? true
    }

    private func evidence(
        of run: HotRun, _ end: AttemptEnd, _ kind: CrashClass, _ component: HotComponent
    ) -> CrashEvidence {
        let allowed = component.limits ?? .standard
        let limits = GuestLimits(allowed.tightened(by: run.origin.value.policy.limits))
        let time = run.origin.value.policy.timeout.map { "time \($0.berthText), " } ?? ""
        return CrashEvidence(
            run: run.id, attempt: run.counters.starts, startedAt: end.startedAt, isLoadFailure: kind == .loadFailed,
            message: end.message ?? kind.words, signal: end.evidence?.signal, breadcrumb: end.evidence?.breadcrumb,
            limits: time + limits.words)
    }

    // MARK: Streaks

    private mutating func count(
        _ evidence: CrashEvidence, of name: ComponentName, _ digest: String, now: Instant
    ) {
        let key = StreakKey(plugin: name.plugin, component: evidence.isLoadFailure ? nil : name.component)
        let most = evidence.isLoadFailure ? CrashStreak.mostLoadFailures : CrashStreak.mostCrashes
        var record = StreakRecord(
            plugin: key.plugin, component: key.component, digest: digest,
            streak: CrashStreak(evidence, at: now))
        var isQuarantine = false
        if var streak = streaks[key]?.streak {
            isQuarantine = streak.add(evidence, most: most, at: now)
            record.streak = streak
        }
        streaks[key] = record
        noteStreaks(of: name.plugin)
        guard isQuarantine else { return }
        emit(.putStreak(record), .silent)
        let words = "crashed \(record.streak.crashes) times in a row, the last time: \(evidence.message)"
        tell(
            name.plugin, "quarantined", "\(record.name) is quarantined until \(record.streak.until.rfc3339): \(words)",
            now)
    }

    private mutating func endStreaks(of name: ComponentName, startedAt: Instant, now: Instant) {
        for key in [StreakKey(plugin: name.plugin, component: name.component), StreakKey(plugin: name.plugin)] {
            guard let record = streaks[key], record.streak.isEnded(byAttemptFrom: startedAt) else { continue }
            endStreak(key)
            if record.streak.quarantinedAt != nil {
                tell(name.plugin, "released", "\(record.name) is released: an attempt on trial went well", now)
            }
        }
        noteStreaks(of: name.plugin)
    }

    private mutating func endStreak(_ key: StreakKey) {
        guard let record = streaks.removeValue(forKey: key), record.streak.quarantinedAt != nil else { return }
        emit(.dropStreak(plugin: key.plugin, component: key.component), .silent)
    }

    /// A person says that all is well again.
    mutating func releaseStreaks(of plugin: String, _ ticket: Ticket, now: Instant) {
        let held = streaks.filter { $0.key.plugin == plugin }
        for key in held.keys { endStreak(key) }
        noteStreaks(of: plugin)
        if held.values.contains(where: { $0.streak.quarantinedAt != nil }) {
            tell(plugin, "released", "\(plugin) is released by hand", now)
        }
        tellInTurn(ticket, .done)
    }

    /// Another version has another chance.
    mutating func dropStreaksOfOtherVersions() {
        for (key, record) in streaks {
            let current = catalog.components.values.first {
                $0.name.plugin == key.plugin && (key.component == nil || key.component == $0.name.component)
            }
            if let current, current.digest != record.digest { endStreak(key) }
        }
        for index in components.indices { noteStreaks(at: index) }
    }

    private mutating func noteStreaks(of plugin: String) {
        for index in components.indices where components[index].name.plugin == plugin { noteStreaks(at: index) }
    }

    /// Notes whether a component's starts have to be looked at one by one.
    mutating func noteStreaks(at index: Int) {
        guard !streaks.isEmpty || components[index].hasCrashed else { return }
        components[index].hasCrashed = keys(of: components[index].name).contains { streaks[$0] != nil }
    }

    private func keys(of name: ComponentName) -> [StreakKey] {
        [StreakKey(plugin: name.plugin, component: name.component), StreakKey(plugin: name.plugin)]
    }

    // MARK: Starts

    /// When a run of a component that has crashed may start: nil, not before an attempt on trial has ended.
    func startAfterCrashes(_ component: Int, now: Instant) -> Instant? {
        var start = Instant.distantPast
        for key in keys(of: components[component].name) {
            switch streaks[key]?.streak.start(at: now) {
            case .notBefore(let instant): start = max(start, instant)
            case .onTrial where isBusy(key): return nil
            case .onTrial, .free, nil: break
            }
        }
        return start
    }

    private func isBusy(_ key: StreakKey) -> Bool {
        components.contains { component in
            component.busy > 0 && component.name.plugin == key.plugin
                && (key.component == nil || key.component == component.name.component)
        }
    }

    /// Why a component is left alone; nil: it is not.
    func quarantine(of name: ComponentName) -> String? {
        for key in keys(of: name) {
            guard let record = streaks[key], record.streak.quarantinedAt != nil else { continue }
            return "\(record.name) is quarantined until \(record.streak.until.rfc3339), after \(record.streak.crashes) "
                + "crashes in a row (\(record.streak.evidence.message)); then one run at a time is tried. "
                + "`berth plugin release \(record.plugin)` has them tried at once"
        }
        return nil
    }

    /// Why no attempt of a component begins for a moment, without a quarantine; nil: they do.
    func crashPause(of name: ComponentName, now: Instant) -> String? {
        for key in keys(of: name) {
            guard let record = streaks[key], record.streak.quarantinedAt == nil,
                case .notBefore(let start) = record.streak.start(at: now)
            else { continue }
            return
                "\(record.name) crashed \(record.streak.crashes) times in a row (\(record.streak.evidence.message)); no "
                + "attempt of it begins before \(start.rfc3339)"
        }
        return nil
    }

    // MARK: First runs

    /// Watches versions that came in use: new ones, and those that came again by a file or were released. `isStart`: the host
    /// has just started and does not know what was before.
    mutating func watchFirstRuns(after before: [String: PluginStanding], now: Instant, isStart: Bool = false) {
        for (id, standing) in catalog.standings {
            guard let current = standing.lineage.current, before[id]?.lineage.current?.digest != current.digest else {
                continue
            }
            firstRuns[id] = nil
            let isYoung = now - current.since < FirstRuns.window
            guard standing.previous != nil, !isStart || isYoung else { continue }
            if let before = before[id], isGoneBackTo(current, standing, after: before) { continue }
            firstRuns[id] = FirstRuns(digest: current.digest)
        }
    }

    /// Whether a version is used again because the one after it was left, or lost its file: to go back from there leads to
    /// what was just left.
    private func isGoneBackTo(_ version: Generation, _ standing: PluginStanding, after before: PluginStanding) -> Bool {
        let wasThere = before.lineage.generations.contains { $0.digest == version.digest }
        guard wasThere, let left = before.lineage.current else { return false }
        if standing.setAside[left.digest] != nil || standing.forbidden.contains(left.digest) { return true }
        let wasReleased = before.setAside[version.digest] != nil
        let arrival = catalog.plugins.first { $0.isInUse && $0.digest == version.digest }?.arrivedAt
        return !wasReleased && (arrival ?? .distantPast) <= left.since
    }

    private mutating func countFirstRun(
        _ evidence: CrashEvidence, of plugin: String, _ digest: String, now: Instant
    ) {
        guard var first = firstRuns[plugin], first.digest == digest else { return }
        let goesBack = first.crashed(evidence.run)
        firstRuns[plugin] = first
        forgetFirstRuns(of: plugin)
        guard goesBack else { return }
        let reason =
            "it crashed in \(first.crashes) of its first \(first.attempts) attempts, the last time in run "
            + "\(evidence.run): \(evidence.message)"
        effects.withdrawals.append(Withdrawal(plugin: plugin, digest: digest, reason: reason))
        tell(plugin, "returned", "\(plugin) goes back to the version before: \(reason)", now)
    }

    private mutating func forgetFirstRuns(of plugin: String) {
        if firstRuns[plugin]?.isOver == true { firstRuns[plugin] = nil }
    }

    private mutating func tell(_ plugin: String, _ what: String, _ words: String, _ now: Instant) {
        effects.announcements.append(.plugin(plugin, what: what, words: words, at: now))
        effects.complaints.append(words)
    }
}

extension GuestLimits {
    /// `memory 2048 MiB, files of 1024 MiB, 256 open files`
    fileprivate var words: String {
        var words: [String] = []
        if memoryBytes > 0 { words.append("memory \(memoryBytes >> 20) MiB") }
        if fileBytes > 0 { words.append("files of \(fileBytes >> 20) MiB") }
        if scratchBytes > 0 { words.append("scratch \(scratchBytes >> 20) MiB") }
        if openFiles > 0 { words.append("\(openFiles) open files") }
        if processes > 0 { words.append("\(processes) processes") }
        return words.joined(separator: ", ")
    }
}
