import Foundation
import Synchronization

/// What must be so, whatever was killed when. Fed by what a host acknowledged, what the API announced, and the file in which
/// the runs themselves wrote down what they did; by nothing else.
final class CrashOracle: Sendable {
    enum Kind: Sendable {
        /// Succeeds unless it is cancelled.
        case plain
        /// Its first attempts fail or crash.
        case rough
        case family(parts: Int)
        /// With a step before and one after.
        case stepped
        /// With what is to run when it succeeds.
        case followed
    }

    private struct Facts {
        var kinds: [Int64: Kind] = [:]
        /// In the order they were acknowledged.
        var order: [Int64] = []
        /// Asked to be cancelled, or to be retried; whether that was acknowledged or not.
        var cancelAsked: Set<Int64> = []
        var retryAsked: Set<Int64> = []
        /// Said to be cancelled.
        var cancelled: Set<Int64> = []
        /// Said to have succeeded, with so many starts.
        var succeeded: [Int64: Int] = [:]
        var kills = 0
    }

    private let facts = Mutex(Facts())

    func acknowledged(_ id: Int64, _ kind: Kind) {
        facts.withLock { facts in
            if facts.kinds.updateValue(kind, forKey: id) == nil { facts.order.append(id) }
        }
    }

    func killed() { facts.withLock { $0.kills += 1 } }
    func willCancel(_ id: Int64) { facts.withLock { _ = $0.cancelAsked.insert(id) } }
    func willRetry(_ id: Int64) { facts.withLock { _ = $0.retryAsked.insert(id) } }
    func cancelled(_ id: Int64) { facts.withLock { _ = $0.cancelled.insert(id) } }
    func succeeded(_ id: Int64, starts: Int) { facts.withLock { $0.succeeded[id] = starts } }

    /// One of the newest hundred.
    func any(_ dice: UInt64) -> Int64? {
        facts.withLock { facts in
            let newest = facts.order.suffix(100)
            return newest.isEmpty ? nil : newest[newest.startIndex + Int(dice % UInt64(newest.count))]
        }
    }

    // MARK: The verdict

    struct Report: CustomStringConvertible {
        var kills = 0
        var acknowledged = 0
        var runs = 0
        var effects = 0
        var families = 0
        var cancelled = 0
        var retried = 0
        var interruptions = 0
        var breaches: [String] = []

        var description: String {
            "\(kills) kills, \(acknowledged) acknowledged of \(runs) runs, \(effects) effects, \(families) families, "
                + "\(cancelled) cancelled, \(retried) retried, \(interruptions) interruptions, \(breaches.count) breaches"
                + breaches.prefix(20).map { "\n  \($0)" }.joined()
        }
    }

    /// `runs`: all there are, after everything has ended. `account`: what the runs wrote.
    func verdict(_ runs: [CrashRun], account: String) -> Report {
        facts.withLock { facts in
            let effects = Effect.all(in: account)
            var report = Report(
                kills: facts.kills, acknowledged: facts.kinds.count, runs: runs.count, effects: effects.count,
                cancelled: facts.cancelled.count, retried: facts.retryAsked.count,
                interruptions: runs.reduce(0) { $0 + $1.interruptions })
            var judge = Judge(facts: facts, runs: runs, effects: effects)
            judge.judge()
            report.families = judge.families
            report.breaches = judge.breaches
            return report
        }
    }

    private struct Judge {
        let facts: Facts
        let runs: [Int64: CrashRun]
        let children: [Int64: [CrashRun]]
        let effects: [Int64: [Effect]]
        var families = 0
        var breaches: [String] = []

        init(facts: Facts, runs: [CrashRun], effects: [Effect]) {
            self.facts = facts
            self.runs = Dictionary(runs.map { ($0.id, $0) }) { first, _ in first }
            children = Dictionary(grouping: runs.filter { $0.parent != nil }) { $0.parent ?? 0 }
            self.effects = Dictionary(grouping: effects, by: \.run)
            if self.runs.count != runs.count { breaches.append("an id is given to two runs") }
        }

        mutating func judge() {
            for (id, kind) in facts.kinds {
                guard let run = runs[id] else {
                    breaches.append("run \(id) was acknowledged and is gone")
                    continue
                }
                judge(run, kind)
            }
            for run in runs.values { judgeCounters(run) }
            for (id, effects) in effects { judge(effects, of: id) }
            judgeAnnouncements()
            judgeFires()
        }

        private mutating func judge(_ run: CrashRun, _ kind: Kind) {
            guard run.hasEnded else { return breaches.append("run \(run.id) has not ended: \(run.state)") }
            let wasAsked = facts.cancelAsked.contains(run.id)
            switch (run.state, kind) {
            case ("succeeded", .family(let parts)):
                families += 1
                judgeFamily(run, parts)
            case ("succeeded", .stepped):
                judgeSteps(run)
            case ("succeeded", .followed):
                let next = runs.values.filter { $0.cause == run.id && $0.source == "follow_up" }
                if next.map(\.state) != ["succeeded"] {
                    breaches.append("run \(run.id) succeeded and is followed by \(next.map(\.state))")
                }
            case ("succeeded", _), ("failed", .rough): break
            case ("cancelled", _) where wasAsked: break
            default: breaches.append("run \(run.id) ended as \(run.state): \(run.reason ?? "")")
            }
        }

        /// It began after its step, and what it did was followed, once unless it went again.
        private mutating func judgeSteps(_ run: CrashRun) {
            let before = (children[run.id] ?? []).filter { $0.state == "succeeded" }
            if before.isEmpty { breaches.append("run \(run.id) succeeded without its pre-step") }
            let after = runs.values.filter { $0.cause == run.id && $0.source == "step" }
            let wentAgain = facts.retryAsked.contains(run.id)
            if after.isEmpty || !wentAgain && after.count > 1 || after.contains(where: { $0.state != "succeeded" }) {
                breaches.append("run \(run.id) is followed by \(after.map(\.state))")
            }
        }

        /// Each child once, and the reduce attempt that counts saw all of them.
        private mutating func judgeFamily(_ run: CrashRun, _ parts: Int) {
            let children = children[run.id] ?? []
            if Set(children.compactMap(\.index)) != Set(0..<parts) || children.count != parts {
                breaches.append("family \(run.id) has \(children.count) children instead of \(parts)")
            }
            let reduced = (effects[run.id] ?? []).filter { $0.word == "reduced" && $0.start == run.starts }
            let good = children.count { $0.state == "succeeded" }
            if reduced.map(\.index) != [good] {
                breaches.append("family \(run.id) with \(good) good children was reduced as \(reduced.map(\.index))")
            }
        }

        private mutating func judgeCounters(_ run: CrashRun) {
            let counted = run.failures + run.crashes + run.interruptions
            if run.interruptions > facts.kills {
                breaches.append("run \(run.id) was interrupted more often than killed")
            }
            guard run.stage == nil || run.stage == "root", run.state != "cancelled" else { return }
            guard !facts.retryAsked.contains(run.id) else { return }
            if run.failures > 3 || run.crashes > 3 { breaches.append("run \(run.id) was tried too often") }
            let wanted = counted + (run.state == "succeeded" ? 1 : 0)
            if run.state != "skipped", run.starts != wanted {
                breaches.append("run \(run.id) (\(run.state)) has \(run.starts) starts and counts \(counted) ends")
            }
        }

        /// An attempt happens once; the one that succeeded is the last.
        private mutating func judge(_ effects: [Effect], of id: Int64) {
            guard let run = runs[id] else { return breaches.append("run \(id) did something and is not there") }
            let attempts = effects.map { "\($0.word) \($0.start)" }
            if Set(attempts).count != attempts.count { breaches.append("an attempt of run \(id) happened twice") }
            if let last = effects.map(\.start).max(), last > run.starts {
                breaches.append("run \(id) has \(run.starts) starts, and attempt \(last) did something")
            }
        }

        private mutating func judgeAnnouncements() {
            for (id, starts) in facts.succeeded {
                guard let run = runs[id] else { continue }  // said above where it was acknowledged
                if run.state != "succeeded" || run.starts != starts {
                    breaches.append("run \(id) had succeeded with \(starts) starts; now \(run.state), \(run.starts)")
                }
            }
            for id in facts.cancelled where !facts.retryAsked.contains(id) && runs[id]?.state != "cancelled" {
                breaches.append("run \(id) was said to be cancelled; it is \(runs[id]?.state ?? "gone")")
            }
            for run in runs.values where run.state == "succeeded" && run.parent == nil && run.stage != "reduce" {
                guard facts.kinds[run.id] != nil else { continue }
                if effects[run.id]?.contains(where: { $0.start == run.starts }) != true {
                    breaches.append("run \(run.id) succeeded, and its last attempt did nothing")
                }
            }
        }

        private mutating func judgeFires() {
            let fires = runs.values.compactMap { run in run.fireAt.map { "\(run.job ?? "") \($0)" } }
            if Set(fires).count != fires.count { breaches.append("a planned instant has two runs") }
        }
    }

    /// A line that an attempt wrote.
    private struct Effect {
        var word: Substring
        var run: Int64
        var start: Int
        var index: Int

        static func all(in account: String) -> [Effect] {
            account.split(separator: "\n").compactMap { line in
                let words = line.split(separator: " ")
                guard words.count == 5, let run = Int64(words[2]), let start = Int(words[3]), let index = Int(words[4])
                else { return nil }
                return Effect(word: words[0], run: run, start: start, index: index)
            }
        }
    }
}

/// What the oracle reads of a run.
struct CrashRun: Decodable, Sendable {
    var id: Int64
    var state: String
    var job: String?
    var fireAt: String?
    var starts: Int
    var failures: Int
    var crashes: Int
    var interruptions: Int
    var parent: Int64?
    var cause: Int64?
    var source: String
    var index: Int?
    var stage: String?
    var reason: String?

    var hasEnded: Bool { !["pending", "running", "held"].contains(state) }

    struct Page: Decodable {
        var runs: [CrashRun]
        var next: Int64?
    }
}
