package import JobModel

/// A run. Lists leave out params, policy and output.
package struct RunView: JSONView {
    package let json: JSONValue

    package init(json: JSONValue) {
        self.json = json
    }

    package init(_ run: RunRecord) {
        json = .object(Self.head(run))
    }

    /// Everything about a run, with what is known of its past and, while it runs, of its progress.
    package init(
        _ run: RunRecord, attempts: [AttemptRecord]?, transitions: [TransitionRecord]? = nil,
        progress: JSONValue? = nil, lentTo: String? = nil,
        children: ChildCounts? = nil, steps: [RunRecord] = [], obstacle: String? = nil
    ) {
        let tail = JSONValue.object(present: [
            "obstacle": .text(obstacle),
            "lent_to": .text(lentTo),
            "params": .passThrough(run.params),
            "children": children.map(Self.json),
            "steps": steps.isEmpty ? nil : .array(steps.map(Self.step)),
            "traceparent": .string(run.traceparent),
            "progress": progress,
            "attempts": attempts.map { .array($0.map { AttemptView($0, inputBytes: run.params.count).json }) },
            "transitions": transitions.map { .array($0.map { TransitionView($0).json }) },
        ])
        json = .object(
            Self.head(run).filter { children == nil || $0.name != "children" } + run.policy.jsonMembers
                + OutputView.members(run.output) + (tail.members ?? []))
    }

    private static func head(_ run: RunRecord) -> [JSONMember] {
        JSONValue.object(present: [
            "id": .number(run.id),
            "state": .string(run.state.word),
            "component": .string(run.component.description),
            "job": .text(run.jobName),
            "queue": .string(run.queue),
            "priority": .number(run.priority),
            "source": .string(run.source.word),
            "actor": .text(run.actor),
            "upstream": .text(Dispatch.upstream(of: run.actor)),
            "instance": .text(run.instance),
            "borrowed_from": .text(run.instance.flatMap(Dispatch.lender(in:))),
            "created_at": .instant(run.createdAt),
            "due": .instant(run.due),
            "fire_at": .instant(run.fireAt),
            "passed_over": run.passedOver.map { passed in
                .object(present: [
                    "from": .instant(passed.from), "to": .instant(passed.to), "count": .number(passed.count),
                ])
            },
            "started_at": .instant(run.startedAt),
            "finished_at": .instant(run.finishedAt),
            "took": took(run).map { .string($0.berthText) },
            "outcome": run.outcome.map { .string($0.word) },
            "detail": .text(run.outcome?.detail),
            "code": .number(run.code),
            "reason": .text(run.reason),
            "starts": .number(run.counters.starts),
            "failures": .number(run.counters.failures),
            "crashes": .number(run.counters.crashes),
            "interruptions": .number(run.counters.interruptions),
            "unique": .text(run.uniqueKey),
            "tags": run.tags.isEmpty ? nil : .texts(run.tags.words),
            "correlation": .text(run.correlation),
            "cause": run.cause.map { .number($0) },
            "parent": run.parent.map { .number($0) },
            "root": run.root == run.id ? nil : .number(run.root),
            "index": run.childIndex.map { .number($0) },
            "label": .text(run.label),
            "stage": run.stage == .root ? nil : .string(run.stage.word),
            "children": run.children == 0
                ? nil : ["total": .number(run.children), "open": .number(run.openChildren)],
        ]).members ?? []
    }

    /// {"total": 40, "open": 12, "pending": 10, "running": 2, "succeeded": 28}
    private static func json(_ counts: ChildCounts) -> JSONValue {
        let states = counts.states.sorted { $0.key.rawValue < $1.key.rawValue }
        return .object(
            [JSONMember("total", .number(counts.total)), JSONMember("open", .number(counts.open))]
                + states.map { JSONMember($0.key.word, .number($0.value)) })
    }

    private static func step(_ run: RunRecord) -> JSONValue {
        .object(present: [
            "id": .number(run.id), "place": .string(run.parent == nil ? "after" : "before"),
            "component": .string(run.component.description), "state": .string(run.state.word),
            "finished_at": .instant(run.finishedAt), "reason": .text(run.reason),
        ])
    }

    private static func took(_ run: RunRecord) -> Duration? {
        guard let start = run.startedAt, let end = run.finishedAt, end >= start else { return nil }
        return end - start
    }
}

extension RunView {
    package var id: RunID { integer("id") ?? 0 }
    package var state: RunState? { text("state").flatMap { RunState(word: $0) } }
    package var component: String { text("component") ?? "" }
    package var job: String? { text("job") }
    /// The server that dispatched it, and what that calls it.
    package var upstream: String? { text("upstream") }
    package var instance: String? { text("instance") }
    /// The host whose instance it is a part of, and the one that makes the attempt which is under way.
    package var borrowedFrom: String? { text("borrowed_from") }
    package var lentTo: String? { text("lent_to") }
    package var queue: String { text("queue") ?? "" }
    package var createdAt: Instant? { instant("created_at") }
    package var due: Instant? { instant("due") }
    package var startedAt: Instant? { instant("started_at") }
    package var finishedAt: Instant? { instant("finished_at") }
    package var took: String? { text("took") }
    package var outcome: String? { text("outcome") }
    package var reason: String? { text("reason") }
    package var tags: [String] { (json["tags"]?.array ?? []).compactMap(\.string) }
    package var cause: RunID? { integer("cause") }
    /// What keeps a pending run from starting; nil: its place in the queue alone.
    package var obstacle: String? { text("obstacle") }
    package var parent: RunID? { integer("parent") }
    package var label: String? { text("label") }
    package var stage: String? { text("stage") }
    /// How many children there are, by what became of them: `total`, `open`, then the states.
    package var children: [(word: String, count: Int64)] {
        (json["children"]?.members ?? []).map { ($0.name, $0.value.integer ?? 0) }
    }
    /// What was made to go before and after it, in order: `place` and the run, as far as it is told.
    package var steps: [(place: String, run: RunView)] {
        (json["steps"]?.array ?? []).map { ($0["place"]?.string ?? "", RunView(json: $0)) }
    }
    package var starts: Int64 { integer("starts") ?? 0 }
    package var attempts: [AttemptView] { views("attempts") }
    package var transitions: [TransitionView] { views("transitions") }
    /// As the component wrote it.
    package var output: [UInt8] { OutputView.bytes(json) }
}

/// A page of runs, from new to old: {"runs": […], "next": id or null}.
package struct RunPageView: JSONView {
    package let json: JSONValue

    package init(json: JSONValue) {
        self.json = json
    }

    /// `limit`: how many were asked for; a full page has a next one.
    package init(_ runs: [RunRecord], limit: Int) {
        let next = runs.count < limit ? nil : runs.last?.id
        json = [
            "runs": .array(runs.map { RunView($0).json }), "next": next.map { .number($0) } ?? .null,
        ]
    }

    package var runs: [RunView] { views("runs") }
    /// What to give as `before` for the next page.
    package var next: RunID? { integer("next") }
}
