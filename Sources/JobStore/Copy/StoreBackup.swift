import Foundation
import GRDB

/// Copies of what a home keeps: a folder with `berth.db`, `logs.db`, `inbox.db` and `blobs/`, each a whole file that needs
/// no other. Blocks.
package enum StoreBackup {
    package struct Summary: Hashable, Sendable {
        package var runs: Int64
        package var jobs: Int64
        package var outputs: Int
        package var bytes: Int64
    }

    private static let databases: [(name: String, schema: Schema?)] = [
        ("inbox.db", nil), ("berth.db", .runs), ("logs.db", .logs),
    ]

    /// A host may be at work. The folder appears when everything in it is on disk; one that is there is refused.
    package static func make(of home: String, into folder: String) throws(StoreError) -> Summary {
        guard !FileCopy.exists(folder) else {
            throw .failed(reason: "\(folder) is there already; name a folder that is not")
        }
        guard FileCopy.exists("\(home)/berth.db") else { throw .failed(reason: "there is no store in \(home)") }
        let draft = "\(folder).part"
        try? FileManager.default.removeItem(atPath: draft)
        try FileCopy.makeFolder(draft)
        do throws(StoreError) {
            let summary = try fill(draft, from: home)
            try FileCopy.sync(draft)
            try FileCopy.move(draft, to: folder)
            try FileCopy.sync((folder as NSString).deletingLastPathComponent.orHere)
            return summary
        } catch {
            try? FileManager.default.removeItem(atPath: draft)
            throw error
        }
    }

    /// The inbox first: a row that names a run the copy of the store does not have would wait for it for ever, or be given
    /// the end of another that gets its number. A row that waits finds its run by its key.
    private static func fill(_ draft: String, from home: String) throws(StoreError) -> Summary {
        for (name, schema) in databases where FileCopy.exists("\(home)/\(name)") {
            try copyDatabase("\(home)/\(name)", to: "\(draft)/\(name)", schema)
        }
        let copy = try looked(at: "\(draft)/berth.db", .runs) { try Contents($0) }
        try FileCopy.makeFolder("\(draft)/blobs")
        for file in copy.outputs {
            guard FileCopy.exists("\(home)/blobs/\(file)") else {
                throw .failed(
                    reason:
                        "the output \(home)/blobs/\(file) is missing; it may have been pruned just now: try again, and if "
                        + "it happens again, `berth doctor`")
            }
            try FileCopy.file("\(home)/blobs/\(file)", to: "\(draft)/blobs/\(file)")
        }
        try FileCopy.sync("\(draft)/blobs")
        return copy.summary(of: draft)
    }

    private static func copyDatabase(_ source: String, to target: String, _ schema: Schema?) throws(StoreError) {
        try looked(at: source, schema ?? .runs) { db in
            try db.execute(sql: "VACUUM INTO ?", arguments: [target])
        }
        chmod(target, 0o600)
        try FileCopy.sync(target)
    }

    static func looked<Value>(
        at path: String, _ schema: Schema, _ body: (Database) throws -> Value
    ) throws(StoreError) -> Value {
        do {
            let queue = try DatabaseFile(path: path, schema: schema).openForLooking()
            defer { try? queue.close() }
            return try queue.inDatabase(body)
        } catch {
            throw StoreError(error)
        }
    }

    /// What a copy of the store says it holds.
    struct Contents {
        var runs: Int64
        var jobs: Int64
        var outputs: [String]

        init(_ db: Database) throws {
            runs = try Int64.fetchOne(db, sql: "SELECT count(*) FROM runs") ?? 0
            jobs = try Int64.fetchOne(db, sql: "SELECT count(*) FROM jobs") ?? 0
            outputs = try String.fetchAll(db, sql: "SELECT output_file FROM runs WHERE output_file IS NOT NULL")
            // Names of files, and the file is outside input.
            guard outputs.allSatisfy({ !$0.contains("/") && !$0.hasPrefix(".") }) else {
                throw StoreError.failed(reason: "an output is kept in a file with a path for a name")
            }
        }

        func summary(of folder: String) -> Summary {
            let files = FileManager.default.enumerator(atPath: folder)?.compactMap { "\(folder)/\($0)" } ?? []
            let bytes = files.reduce(Int64(0)) { sum, path in
                var facts = stat()
                return stat(path, &facts) == 0 && facts.st_mode & S_IFMT == S_IFREG ? sum + Int64(facts.st_size) : sum
            }
            return Summary(runs: runs, jobs: jobs, outputs: outputs.count, bytes: bytes)
        }
    }
}

extension String {
    fileprivate var orHere: String { isEmpty ? "." : self }
}
