package import JobModel

/// What can be done to many runs at once.
package enum BulkDeed: String, Hashable, Sendable, CaseIterable {
    case cancel, retry, pause, resume

    /// Runs it could be done to; those it is done to when the filter names no states.
    package var states: Set<RunState> {
        switch self {
        case .cancel: RunMove.close.from.union([.running])
        case .retry: RunMove.reopen.from
        case .pause: RunMove.pause.from
        case .resume: RunMove.resume.from
        }
    }

    /// Nobody who says nothing means runs that somebody cancelled.
    fileprivate var usualStates: Set<RunState> { self == .retry ? [.failed] : states }
}

/// What became of many runs.
package struct BulkReport: Sendable {
    /// Runs that the filter found in a state in which the deed can be done.
    package var matched = 0
    package var changed = 0
    /// Of those that were not changed, because they had moved on, the first one's reason.
    package var firstRefusal: EngineError?
    /// The first of them, from new to old.
    package var runs: [RunRecord] = []
}

extension JobEngine {
    /// Does the deed to every run the filter finds, from new to old, each on its own terms: what has moved on meanwhile is
    /// left alone. `rate` spreads the due times of retries, so that a host that dies on the way goes on at the same rate.
    /// A dry run changes nothing.
    package func bulk(
        _ deed: BulkDeed, _ wanted: RunFilter, rate: RateLimit?, isDry: Bool, actor: String, reason: String?
    ) async throws(EngineError) -> BulkReport {
        var filter = wanted
        filter.states = wanted.states?.intersection(deed.states) ?? deed.usualStates
        filter.limit = Self.bulkPage
        var report = BulkReport()
        while true {
            let page = try await runs(filter)
            if report.runs.count < Self.mostShown { report.runs += page.prefix(Self.mostShown - report.runs.count) }
            let first = report.matched
            report.matched += page.count
            if !isDry {
                await report.add(
                    of: page.enumerated().map { index, run in
                        (run.id, rate.map { $0.interval * (first + index) } ?? .zero)
                    }
                ) { [self] id, delay in
                    await result { () async throws(EngineError) in
                        switch deed {
                        case .cancel: try await cancel(id, actor: actor, reason: reason)
                        case .retry: try await retry(id, after: delay, actor: actor, reason: reason)
                        case .pause: try await pause(id, actor: actor, reason: reason)
                        case .resume: try await resume(id, actor: actor, reason: reason)
                        }
                    }
                }
            }
            guard page.count == Self.bulkPage, let last = page.last else { return report }
            filter.before = last.id
        }
    }

    private static let bulkPage = 500
    private static let mostShown = 20

    private func result(_ body: () async throws(EngineError) -> RunRecord) async -> EngineError? {
        do {
            _ = try await body()
            return nil
        } catch {
            return error
        }
    }
}

extension BulkReport {
    /// All of a page at once: what they change shares commits.
    fileprivate mutating func add(
        of page: [(RunID, Duration)], _ body: @escaping @Sendable (RunID, Duration) async -> EngineError?
    ) async {
        let refusals = await withTaskGroup(of: EngineError?.self) { group in
            for (id, delay) in page { group.addTask { await body(id, delay) } }
            return await group.reduce(into: []) { $0.append($1) }
        }
        changed += refusals.count { $0 == nil }
        firstRefusal = firstRefusal ?? refusals.lazy.compactMap(\.self).first
    }
}
