import HostHTTP
import JobEngine
import JobModel
import Logging

/// Brings to the engine what sources of one kind say, and keeps account of what is refused. What the engine refused is
/// offered again each time: what stood in its way may be gone.
struct SourceLedger {
    /// Where in its source a job has a value; nil where sources have no lines.
    typealias Line = (_ source: String, _ job: String, _ value: String?) -> Int?

    private let engine: JobEngine
    private let kind: String
    private let logger: Logger
    private var waiting: [String: SourceContent] = [:]
    private var refused: [String: RefusedDefinition] = [:]

    /// So many sources in one turn of the engine, which has other things to do.
    private static let most = 500

    /// `kind` is how the sources begin, in the words of `JobSource`.
    init(engine: JobEngine, kind: String, logger: Logger) {
        self.engine = engine
        self.kind = kind
        self.logger = logger
    }

    var isWaiting: Bool { !waiting.isEmpty }

    /// Why a source is not in force.
    func reason(_ source: String) -> String? { refused[source]?.reason }

    /// Sources of this kind that have jobs, from this host's life or an earlier one.
    func storedSources() async throws(EngineError) -> Set<String> {
        Set(try await engine.definitions().map(\.source).filter { $0.hasPrefix(kind) })
    }

    /// A source that cannot be read at all: its jobs stay as they were.
    mutating func refuse(_ definition: RefusedDefinition) {
        waiting[definition.source] = nil
        note(definition)
    }

    /// Forgets what was refused and what is on offer; what the engine has stays.
    mutating func forgetAll() {
        waiting = [:]
        refused = [:]
    }

    /// Takes back a refusal that was about no jobs.
    mutating func forget(_ source: String) {
        refused[source] = nil
    }

    /// A source that says nothing any more, with its jobs.
    mutating func remove(_ source: String) {
        refused[source] = nil
        waiting[source] = SourceContent(source: source, jobs: [])
    }

    mutating func offer(_ content: SourceContent) {
        waiting[content.source] = content
    }

    /// Takes everything on offer to the engine and publishes what is refused.
    mutating func settle(line: Line = { _, _, _ in nil }) async throws(EngineError) {
        let contents = waiting.values.sorted { $0.source < $1.source }
        var changes = ApplyReport()
        for start in stride(from: 0, to: contents.count, by: Self.most) {
            let part = Array(contents[start..<min(start + Self.most, contents.count)])
            for (content, verdict) in zip(part, try await engine.define(part)) {
                take(verdict, of: content, line, &changes)
            }
        }
        tell(changes)
        engine.refused.set(refused.values.sorted { $0.source < $1.source }, of: kind)
    }

    private mutating func take(
        _ verdict: SourceVerdict, of content: SourceContent, _ line: Line, _ changes: inout ApplyReport
    ) {
        switch verdict {
        case .applied(let report):
            waiting[content.source] = nil
            if refused.removeValue(forKey: content.source) != nil {
                logger.info("a definition is in force now", metadata: ["source": "\(content.source)"])
            }
            changes.added += report.added
            changes.changed += report.changed
            changes.removed += report.removed
            for warning in report.warnings { logger.warning("\(warning)", metadata: ["source": "\(content.source)"]) }
        case .refused(let job, let error):
            let problem = Problem(error)
            note(
                RefusedDefinition(
                    source: content.source, line: line(content.source, job, problem.value), job: job,
                    reason: problem.detail))
        }
    }

    private mutating func note(_ definition: RefusedDefinition) {
        guard refused.updateValue(definition, forKey: definition.source) != definition else { return }
        logger.warning(
            "a definition is refused; what it defined before stays",
            metadata: [
                "source": "\(definition.source)", "line": "\(definition.line.map(String.init) ?? "-")",
                "reason": "\(definition.reason)",
            ])
    }

    /// One line for all that changed at once, however much it is.
    private func tell(_ report: ApplyReport) {
        for (change, names) in [("added", report.added), ("changed", report.changed), ("removed", report.removed)]
        where !names.isEmpty {
            logger.info(
                "jobs \(change)",
                metadata: [
                    "source": "\(kind.dropLast())", "count": "\(names.count)",
                    "jobs": "\(names.prefix(10).joined(separator: ", ").excerpt)",
                ])
        }
    }
}
