import Foundation
import HostHTTP
import JobEngine
import JobModel
import Logging
import ServiceLifecycle
import Synchronization

/// The jobs folder as a source of definitions: each of its files defines jobs, and what changes there takes effect at
/// once. A file that cannot be read leaves the jobs it defined before as they are, and says why.
struct JobFolder: Service {
    let folder: String
    /// Whether somebody asked for this folder: then it must be there.
    let isNamed: Bool
    let watch: PathWatch
    let engine: JobEngine
    let logger: Logger

    private enum Event {
        case changes([String: JobFolderView.Change])
        case unreadable(String)
        /// Something outside changed, which may help a file that was refused.
        case worldChanged
    }

    func run() async throws {
        let (events, continuation) = AsyncStream.makeStream(of: Event.self)
        let view = Mutex(JobFolderView())
        watch.add([folder]) { [folder, isNamed] beingWritten in
            do {
                let changes = try view.withLock {
                    try $0.changes(in: folder, beingWritten: beingWritten, mayBeMissing: !isNamed)
                }
                continuation.yield(.changes(changes))
            } catch {
                continuation.yield(.unreadable(error.systemWords + "."))
            }
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
        var ledger = SourceLedger(engine: engine, kind: JobSource.jobFiles, logger: logger)
        var contents: [String: JobFile.Content] = [:]
        var isFirst = true
        for await event in events {
            switch event {
            case .changes(let changes):
                // Files that went away while no host was there.
                if isFirst { for source in try await ledger.storedSources() { ledger.remove(source) } }
                isFirst = false
                ledger.forget(folderSource)
                for (name, change) in changes { take(change, of: name, &ledger, &contents) }
            case .unreadable(let reason):
                ledger.refuse(
                    RefusedDefinition(
                        source: folderSource, reason: "The jobs folder \(folder) cannot be read: \(reason)"))
            case .worldChanged: guard ledger.isWaiting else { continue }
            }
            do {
                try await ledger.settle { source, job, value in contents[source]?.line(of: job, value: value) }
            } catch EngineError.stopping {
                return
            } catch {
                logger.warning("jobs cannot be defined now", metadata: ["reason": "\(Problem(error).detail)"])
            }
        }
    }

    private var folderSource: String { JobSource.jobFile("") }

    private func take(
        _ change: JobFolderView.Change, of name: String, _ ledger: inout SourceLedger,
        _ contents: inout [String: JobFile.Content]
    ) {
        let source = JobSource.jobFile(name)
        switch change {
        case .read(let content):
            contents[source] = content
            ledger.offer(SourceContent(source: source, jobs: content.jobs))
        case .broken(let error):
            ledger.refuse(RefusedDefinition(source: source, line: error.line, reason: error.summary.sentence))
        case .gone:
            contents[source] = nil
            ledger.remove(source)
        }
    }
}

extension JobEngine {
    /// An element whenever jobs, queues or plugins changed.
    func changesForSources() -> AsyncStream<Announcement> {
        announcements { announcement in if case .run = announcement { false } else { true } }
    }
}
