import Foundation
import HostHTTP
import JobEngine
import JobModel
import Logging
import ServiceLifecycle
import Synchronization

/// The `scheduler:` block of the configuration as a source of definitions. Its file is read again when it changes; of all
/// settings only the jobs of this block take effect then. A file with a mistake leaves them as they are.
struct ConfiguredJobs: Service {
    /// As the host began with.
    let settings: Settings
    /// The settings as the files and the environment have them now.
    let reread: @Sendable () throws(Failure) -> Settings
    let watch: PathWatch
    let engine: JobEngine
    let logger: Logger

    private enum Event {
        case looked(Result<SchedulerBlock, Failure>)
        case worldChanged
    }

    func run() async throws {
        let (events, continuation) = AsyncStream.makeStream(of: Event.self)
        let last = Mutex<(seen: Bool, bytes: Data?)>((false, nil))
        watch.add([settings.layers.file]) { [reread, file = settings.layers.file] beingWritten in
            guard beingWritten.isEmpty else { return }
            // What is the same needs no second word, least of all about what is wrong with it.
            let bytes = TextFile.bytes(file)
            let isNews = last.withLock { last in
                defer { last = (true, bytes) }
                return !last.seen || last.bytes != bytes
            }
            guard isNews else { return }
            continuation.yield(.looked(Result { () throws(Failure) in try reread() }.map(\.scheduler)))
        }
        try await cancelWhenGracefulShutdown {
            try await withThrowingDiscardingTaskGroup { group in
                group.addTask {
                    for await _ in engine.changesForSources() { continuation.yield(.worldChanged) }
                }
                try await take(events)
                group.cancelAll()
            }
        }
    }

    private func take(_ events: AsyncStream<Event>) async throws {
        var ledger = SourceLedger(engine: engine, kind: JobSource.schedulerEntries, logger: logger)
        var lines: [String: Int] = [:]
        for await event in events {
            switch event {
            case .looked(.success(let block)):
                ledger.forgetAll()
                for source in try await ledger.storedSources() { ledger.remove(source) }
                lines = [:]
                for entry in block.entries { take(entry, &ledger, &lines) }
            case .looked(.failure(let failure)):
                ledger.refuse(
                    RefusedDefinition(source: JobSource.schedulerEntry(""), reason: failure.message.sentence))
            case .worldChanged: guard ledger.isWaiting else { continue }
            }
            do {
                try await ledger.settle { source, _, _ in lines[source] }
            } catch EngineError.stopping {
                return
            } catch {
                logger.warning("jobs cannot be defined now", metadata: ["reason": "\(Problem(error).detail)"])
            }
        }
    }

    private func take(_ entry: SchedulerBlock.Entry, _ ledger: inout SourceLedger, _ lines: inout [String: Int]) {
        let source = JobSource.schedulerEntry(entry.name)
        lines[source] = entry.line
        switch entry.job {
        case .success(let job): ledger.offer(SourceContent(source: source, jobs: [job]))
        case .failure(let error):
            ledger.refuse(
                RefusedDefinition(
                    source: source, line: entry.line, job: entry.name, reason: "\(error)".sentence))
        }
    }
}
