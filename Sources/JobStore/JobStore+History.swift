import GRDB
package import JobModel

extension JobStore {
    /// All components that runs were ever made for.
    package func componentNames() async throws(StoreError) -> [ComponentName] {
        try await read { db, _ in
            try String.fetchAll(db, sql: "SELECT name FROM components").compactMap(ComponentName.init)
        }
    }

    /// Runs that are pruned in one transaction: some milliseconds of the writer's time.
    private static let slice = 200
    /// How much longer the writer is left alone than a slice took it.
    private static let rest = 3

    /// Takes out of history what the rules have no room for at `now`: runs with their attempts, transitions, log lines and
    /// output files. Works in small slices with pauses between, so that nobody who writes waits for more than one.
    /// Returns how many runs went; a cancelled task stops after a slice. `pace`: what earlier calls found.
    package func prune(
        _ rules: HistoryRules, now: Instant, pace: SurplusPace = SurplusPace()
    ) async throws(StoreError) -> Int {
        var count = try await pruneWalk { try HistoryReader(db: $0, rules: rules, now: now).tooOld(after: $1) }
        for name in rules.jobs.keys.sorted() {
            count += try await pruneWalk {
                try HistoryReader(db: $0, rules: rules, now: now).tooOld(ofJob: name, after: $1)
            }
        }
        return count + (try await pruneSurplus(rules, now: now, pace))
    }

    private func pruneWalk(
        _ page: @escaping @Sendable (Database, RunID) throws -> HistoryReader.Page
    ) async throws(StoreError) -> Int {
        var count = 0
        var place: RunID? = 0
        while let from = place, !Task.isCancelled {
            let found = try await read { db, _ in try page(db, from) }
            count += try await prune(found.found)
            place = found.next
        }
        return count
    }

    private func pruneSurplus(
        _ rules: HistoryRules, now: Instant, _ pace: SurplusPace
    ) async throws(StoreError) -> Int {
        let limits = ([rules.host] + rules.jobs.values).contains { policy in
            policy.said.values.contains { $0.count != nil }
        }
        guard limits else { return 0 }
        var count = 0
        pace.begin(rules)
        let ends = try await read { db, _ in try HistoryReader(db: db, rules: rules, now: now).ends() }
        let names = try await read { db, _ in try HistoryReader(db: db, rules: rules, now: now).jobNames() }
        for name in [nil] + names.map(Optional.some) {
            for state in RunState.allCases where rules.policy(ofJob: name).said[state]?.count != nil {
                let subject = SurplusPace.Subject(job: name, state: state)
                guard pace.isDue(subject, ends: ends[state] ?? 0, at: .now) else { continue }
                count += try await pruneSurplus(of: subject, rules, now: now) { took in
                    pace.looked(subject, ends: ends[state] ?? 0, took: took, at: .now)
                }
            }
        }
        return count
    }

    private func pruneSurplus(
        of subject: SurplusPace.Subject, _ rules: HistoryRules, now: Instant, looked: (Duration) -> Void
    ) async throws(StoreError) -> Int {
        var count = 0
        while !Task.isCancelled {
            let start = ContinuousClock.now
            let found = try await read { db, _ in
                try HistoryReader(db: db, rules: rules, now: now).tooMany(ofJob: subject.job, subject.state)
            }
            looked(start.duration(to: .now))
            let went = try await prune(found)
            count += went
            if found.count < HistoryReader.page || went == 0 { break }
        }
        return count
    }

    private func prune(_ ids: [RunID]) async throws(StoreError) -> Int {
        var count = 0
        var rest = ids[...]
        while !rest.isEmpty, !Task.isCancelled {
            let pruned = try await pruneSlice(Array(rest.prefix(Self.slice)))
            rest = rest.dropFirst(Self.slice)
            count += pruned.runs.count
            for parent in pruned.parents { count += try await pruneChildren(of: parent) }
        }
        return count
    }

    private func pruneChildren(of parent: RunID) async throws(StoreError) -> Int {
        var count = 0
        while !Task.isCancelled {
            let orphans = try await read { db, _ in try db.orphans(of: parent, limit: Self.slice) }
            let pruned = try await pruneSlice(orphans)
            guard !pruned.runs.isEmpty else { break }
            count += pruned.runs.count
        }
        return count
    }

    private func pruneSlice(_ ids: [RunID]) async throws(StoreError) -> Pruned {
        guard !ids.isEmpty else { return Pruned() }
        let (pruned, took) = try await onWriter(worth: ids.count) { db in
            let start = ContinuousClock.now
            return (try db.prune(ids), start.duration(to: .now))
        }
        await forget(pruned)
        try? await Task.sleep(for: took * Self.rest)
        return pruned
    }
}
