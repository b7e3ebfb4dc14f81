import Foundation
import JobModel
import Testing

/// When a component that crashes is slowed down and left alone.
struct CrashStreakTests {
    private let start = Instant(microseconds: 1_000_000_000_000)

    @Test func `The pause doubles with each crash in a row from the second on, up to a minute`() {
        var streak = CrashStreak(crash(1, at: start), at: start)
        #expect(streak.start(at: start) == .free)
        var pauses: [Duration] = []
        for number in 2...14 {
            _ = streak.add(crash(1, at: start), most: .max, at: start)
            guard case .notBefore(let until) = streak.start(at: start) else {
                Issue.record("crash \(number) puts nothing off")
                continue
            }
            pauses.append(until - start)
        }
        #expect(pauses.prefix(4) == [.milliseconds(200), .milliseconds(400), .milliseconds(800), .milliseconds(1600)])
        #expect(pauses.last == .seconds(60))
    }

    @Test func `The pause stays at a minute for as long as the crashes go on`() {
        var now = start
        var streak = CrashStreak(crash(1, at: now), at: now)
        for number in 2...60 {
            _ = streak.add(crash(1, at: now), most: 5, at: now)
            guard case .notBefore(let until) = streak.start(at: now) else {
                Issue.record("crash \(number) puts nothing off")
                return
            }
            if number > 10 { #expect(until - now == .seconds(60), "crash \(number)") }
            now = until
        }
        #expect(streak.crashes == 60)
        #expect(streak.firstAt == start)
    }

    @Test func `Five crashes within ten minutes are a quarantine, whenever their row began`() {
        var streak = CrashStreak(crash(1, at: start), at: start)
        var now = start
        for number in 2...9 {
            now = start + .seconds(250) * number
            let isQuarantine = streak.add(crash(RunID(number), at: now), most: 5, at: now)
            #expect(!isQuarantine)
        }
        for number in 10...11 {
            let isQuarantine = streak.add(crash(RunID(number), at: now), most: 5, at: now)
            #expect(isQuarantine == (number == 11))
        }
    }

    @Test func `A quarantine is the same when it was stored and read`() throws {
        let stored = try JSONEncoder().encode(quarantined())
        #expect(try JSONDecoder().decode(CrashStreak.self, from: stored) == quarantined())
    }

    @Test func `Five crashes of several runs are a quarantine, however many of one run are none`() {
        var one = CrashStreak(crash(1, at: start), at: start)
        for _ in 0..<8 {
            let isQuarantine = one.add(crash(1, at: start), most: 5, at: start)
            #expect(!isQuarantine)
        }
        #expect(one.quarantinedAt == nil)
        #expect(quarantined().quarantinedAt == start)
    }

    @Test func `Crashes that lie ten minutes apart are no loop`() {
        var streak = CrashStreak(crash(1, at: start), at: start)
        for number in 1...9 {
            let now = start + .seconds(601) * number
            let verdict1 = streak.add(crash(RunID(number + 1), at: now), most: 5, at: now)
            #expect(!verdict1)
        }
    }

    @Test func `Guests that do not load are counted whatever they were to run`() {
        var streak = CrashStreak(crash(1, at: start, isLoadFailure: true), at: start)
        let verdict2 = streak.add(crash(1, at: start, isLoadFailure: true), most: 3, at: start)
        #expect(!verdict2)
        let verdict3 = streak.add(crash(1, at: start, isLoadFailure: true), most: 3, at: start)
        #expect(verdict3)
    }

    @Test func `After a quarantine one attempt is tried; each crash doubles it, up to six hours`() {
        var streak = quarantined()
        var now = start
        var lengths: [Duration] = []
        for _ in 0..<7 {
            guard case .notBefore(let until) = streak.start(at: now) else {
                Issue.record("nothing is put off")
                return
            }
            lengths.append(until - now)
            now = until
            #expect(streak.start(at: now) == .onTrial)
            let verdict4 = streak.add(crash(9, at: now), most: 5, at: now)
            #expect(verdict4)
        }
        #expect(lengths.prefix(3) == [.seconds(900), .seconds(1800), .seconds(3600)])
        #expect(lengths.last == .seconds(6 * 3600))
    }

    @Test func `What began before a quarantine neither ends nor prolongs it`() {
        var streak = quarantined()
        #expect(!streak.isEnded(byAttemptFrom: start))
        #expect(streak.isEnded(byAttemptFrom: streak.until))
        let later = streak.until + .seconds(1)
        let verdict5 = streak.add(crash(9, at: start), most: 5, at: later)
        #expect(!verdict5)
        #expect(streak.start(at: later) == .onTrial)
    }

    @Test func `A clock that is set back prolongs no pause beyond the longest`() {
        let streak = quarantined()
        let past = start + .seconds(-86_400 * 365)
        #expect(streak.start(at: past) == .notBefore(past + CrashStreak.longestQuarantine))
    }

    @Test func `A new version goes back after two crashes at once, or three of several runs`() {
        var first = FirstRuns(digest: "d")
        let verdict6 = first.crashed(1)
        #expect(!verdict6)
        let verdict7 = first.crashed(1)
        #expect(verdict7)
        var mixed = FirstRuns(digest: "d")
        mixed.endedByItself()
        let verdict8 = mixed.crashed(1)
        #expect(!verdict8)
        let verdict9 = mixed.crashed(1)
        #expect(!verdict9)
        let verdict10 = mixed.crashed(1)
        #expect(!verdict10)
        let verdict11 = mixed.crashed(2)
        #expect(verdict11)
    }

    @Test func `After twenty attempts a version is no longer new`() {
        var first = FirstRuns(digest: "d")
        for _ in 0..<19 { first.endedByItself() }
        #expect(!first.isOver)
        first.endedByItself()
        #expect(first.isOver)
    }

    private func quarantined() -> CrashStreak {
        var streak = CrashStreak(crash(1, at: start), at: start)
        for run in 2...5 { _ = streak.add(crash(RunID(run), at: start), most: 5, at: start) }
        return streak
    }

    private func crash(_ run: RunID, at now: Instant, isLoadFailure: Bool = false) -> CrashEvidence {
        CrashEvidence(run: run, attempt: 1, startedAt: now, isLoadFailure: isLoadFailure, message: "SIGSEGV")
    }
}
