import JobEngine
package import JobModel
import Logging

/// Puts the lines of instances before the server's users: in their order, few at a time, and all before the end is reported.
/// They are read from the store, so that none is lost while no server listens.
package actor InstanceLogs {
    private let engine: JobEngine
    private let discovery: Discovery
    private let calls: ServerCalls
    private let address: String
    private let pace: PowerJobPace
    private let logger: Logger
    private var sources: [RunID: LogSource] = [:]
    /// Batches that servers took.
    private var taken = 0
    private let news: RunNews
    /// Runs that nobody had claimed when their lines were looked at, the last few times.
    private var unclaimed: [Set<RunID>] = []

    /// Of one instance; what comes after them stays in the host's own log.
    private static let mostLines = 10_000

    package init(parts: PowerJobParts) {
        engine = parts.engine
        discovery = parts.discovery
        calls = parts.calls
        address = parts.address.description
        pace = parts.settings.pace
        logger = parts.logger
        news = RunNews()
        engine.hearLines { [news] lines in news.add(lines) }
    }

    /// Sends what has come, now and then, until it is cancelled.
    package func run() async {
        for await _ in news.wakes {
            guard (try? await Task.sleep(for: pace.logs)) != nil else { return }
            let runs = news.take()
            unclaimed = [runs.filter { sources[$0] == nil }] + unclaimed.prefix(2)
            await send(of: runs.filter { sources[$0] != nil })
        }
    }

    private func send(of runs: Set<RunID>) async {
        var isHeard = true
        for run in runs { sources[run]?.hasNews = true }
        // What a server refuses may be refused for its own sake: it keeps nothing else back.
        for run in runs.sorted(by: { refusals($0) < refusals($1) }) {
            // What a server does not take of one it mostly does not take of others either.
            let sent = isHeard ? await flush(run) : .nothing
            if sent == .nothing { isHeard = false }
            if sent != .all { news.add(run) }
        }
    }

    private func refusals(_ run: RunID) -> Int { sources[run]?.refusals ?? 0 }

    /// The lines of this run are an instance's. `isOld`: some may have come before this host began.
    package func follow(_ run: RunID, _ instance: Int64, _ rule: LogRule, isOld: Bool = false) {
        guard rule.isOnline, sources[run] == nil else { return }
        let hasNews = isOld || unclaimed.contains { $0.contains(run) }
        sources[run] = LogSource(instance: instance, rule: rule, hasNews: hasNews)
    }

    package func forget(_ run: RunID) {
        sources[run] = nil
    }

    /// How much of what there is was sent: all of it, what there was time for, or what came before a server would not have it.
    package enum Sent: Hashable, Sendable {
        case all, some, nothing
    }

    /// Sends all lines there are.
    @discardableResult
    package func flush(_ run: RunID) async -> Sent {
        while let flushing = sources[run]?.flushing { _ = await flushing.value }
        if news.take(run) { sources[run]?.hasNews = true }
        guard let source = sources[run], source.hasNews || !source.waiting.isEmpty else { return .all }
        // It says itself that it is over: whoever waits for it would find it, over and still there, again and again.
        let flushing = Task {
            let sent = await self.send(run)
            sources[run]?.flushing = nil
            return sent
        }
        sources[run]?.flushing = flushing
        return await flushing.value
    }

    private func send(_ run: RunID) async -> Sent {
        sources[run]?.hasNews = false
        // The end waits for its lines, and servers wait for the end: not for long.
        let end = ContinuousClock.now + pace.answer * 2
        while true {
            let sent = await sendWaiting(run, until: end)
            guard sent == .all else { return sent }
            guard let source = sources[run], source.sent < Self.mostLines,
                let page = try? await engine.logs(of: run, after: source.position, limit: 1000), !page.lines.isEmpty
            else { return .all }
            add(page.lines, of: run, next: page.next)
        }
    }

    private func add(_ lines: [LogLine], of run: RunID, next: Int64) {
        guard let source = sources[run] else { return }
        var wanted = lines.compactMap { line in
            source.rule.level(of: line).map {
                LogBatch.Line(
                    instance: source.instance, time: line.at.microseconds / 1000, level: $0, text: line.text)
            }
        }
        if source.sent + wanted.count > Self.mostLines {
            wanted = Array(wanted.prefix(Self.mostLines - source.sent))
            let time = lines.last.map { $0.at.microseconds / 1000 } ?? 0
            wanted.append(
                LogBatch.Line(
                    instance: source.instance, time: time, level: 3,
                    text: "further lines are in the log of the host: berth runs logs \(run)"))
        }
        sources[run]?.position = next
        sources[run]?.waiting += wanted
        sources[run]?.sent += wanted.count
    }

    private func sendWaiting(_ run: RunID, until end: ContinuousClock.Instant) async -> Sent {
        while let waiting = sources[run]?.waiting, !waiting.isEmpty {
            guard ContinuousClock.now < end else { return .some }
            let batch = LogBatch(address: address, lines: Array(waiting.prefix(LogBatch.most)))
            guard let server = await discovery.server else { return .nothing }
            do throws(CallFault) {
                try await calls.tell(server, "/server/reportLog", batch.json)
            } catch {
                if case .status = error { refuse(batch, of: run, error) }
                return .nothing
            }
            taken += 1
            sources[run]?.take(batch.lines.count)
        }
        return .all
    }

    private func refuse(_ batch: LogBatch, of run: RunID, _ fault: CallFault) {
        guard sources[run]?.refuse(batch.lines.count, taken: taken) == true else { return }
        logger.warning(
            "lines of an instance are not shown at the server, which does not take them",
            metadata: ["run": "\(run)", "lines": "\(batch.lines.count)", "reason": "\(fault)"])
    }
}
