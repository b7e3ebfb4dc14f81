import Foundation
import JobModel
import Logging
import Synchronization

/// The catalog's small files and the one thread at a time that writes them.
final class CatalogNotes: Sendable {
    private let decisions: NoteFile
    private let masks: NoteFile
    private let logger: Logger
    /// Why the decisions could not be written the last time; nil: they were.
    private let fault = Mutex<NoteFault?>(nil)
    /// To be written; what comes meanwhile takes its place.
    private let pending = Mutex<Decisions?>(nil)
    private let writing = OperationQueue()

    init(folder: String, logger: Logger) {
        decisions = NoteFile(path: "\(folder)/decisions.json")
        masks = NoteFile(path: "\(folder)/masks.json")
        self.logger = logger
        writing.name = "berth-notes"
        writing.maxConcurrentOperationCount = 1
    }

    var masksPath: String { masks.path }

    /// What an earlier host decided. Damage is said, and nothing was decided then.
    func readDecisions() -> Decisions {
        guard let text = decisions.read() else { return Decisions() }
        guard let json = try? JSONParser.parse(text), json["version"]?.integer == 1 else {
            logger.error(
                "what was decided about plugins cannot be read; none is disabled, set aside or allowed by it",
                metadata: ["file": "\(decisions.path)"])
            return Decisions()
        }
        return Decisions(json: json)
    }

    func keep(_ new: Decisions) {
        let isFirst = pending.withLock { pending in
            defer { pending = new }
            return pending == nil
        }
        guard isFirst else { return }
        writing.addOperation { [self] in
            guard let newest = pending.withLock({ $0.take() }) else { return }
            let fault = write(newest.json.bytes, to: decisions, "what was decided about plugins")
            self.fault.withLock { $0 = fault }
        }
    }

    func keep(_ new: KnownMasks) {
        let bytes = new.bytes
        writing.addOperation { [self] in _ = write(bytes, to: masks, "which params are secret") }
    }

    /// Calls `body` after all that was to be kept until now, with the reason if the decisions are not on disk.
    func afterKeeping(_ body: @escaping @Sendable (NoteFault?) -> Void) {
        writing.addOperation { [self] in body(fault.withLock { $0 }) }
    }

    private func write(_ bytes: [UInt8], to file: NoteFile, _ what: String) -> NoteFault? {
        do throws(NoteFault) {
            try file.write(bytes)
            return nil
        } catch {
            logger.error(
                "\(what) could not be written down; the next host will not know",
                metadata: ["file": "\(error.path)", "reason": "\(error.reason)"])
            return error
        }
    }
}
