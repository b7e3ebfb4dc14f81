import Foundation
import GRDB
import JobModel

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
        try copyDatabases(of: home, to: draft)
        try copyOutputs(of: home, to: draft)
        return try looked(at: "\(draft)/berth.db", .runs) { try Contents($0) }.summary(of: draft)
    }

    static func copyDatabases(of home: String, to draft: String) throws(StoreError) {
        for (name, schema) in databases where FileCopy.exists("\(home)/\(name)") {
            try copyDatabase("\(home)/\(name)", to: "\(draft)/\(name)", schema)
        }
    }

    /// Those of the runs in the copied database. History goes on beside us: a run that it takes meanwhile keeps all but
    /// its output in the copy.
    static func copyOutputs(of home: String, to draft: String) throws(StoreError) {
        let copy = try looked(at: "\(draft)/berth.db", .runs) { try Contents($0) }
        try FileCopy.makeFolder("\(draft)/blobs")
        var gone: [Contents.Output] = []
        for output in copy.outputs {
            let file = "\(home)/blobs/\(output.file)"
            do throws(StoreError) { try FileCopy.file(file, to: "\(draft)/blobs/\(output.file)") } catch {
                guard !FileCopy.exists(file), try !isNamed(output, in: home) else { throw error }
                gone.append(output)
            }
        }
        try FileCopy.sync("\(draft)/blobs")
        if !gone.isEmpty { try forget(gone, in: "\(draft)/berth.db") }
    }

    private static func isNamed(_ output: Contents.Output, in home: String) throws(StoreError) -> Bool {
        try looked(at: "\(home)/berth.db", .runs) { db in
            let sql = "SELECT output_file FROM runs WHERE id = ?"
            return try String.fetchOne(db, sql: sql, arguments: [output.run]) == output.file
        }
    }

    private static func forget(_ outputs: [Contents.Output], in copy: String) throws(StoreError) {
        do {
            let queue = try DatabaseQueue(path: copy)
            defer { try? queue.close() }
            try queue.write { db in
                for output in outputs {
                    try db.execute(sql: "UPDATE runs SET output_file = NULL WHERE id = ?", arguments: [output.run])
                }
            }
        } catch {
            throw StoreError(error)
        }
        try FileCopy.sync(copy)
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
        struct Output {
            var run: RunID
            var file: String
        }

        var runs: Int64
        var jobs: Int64
        var outputs: [Output]

        init(_ db: Database) throws {
            runs = try Int64.fetchOne(db, sql: "SELECT count(*) FROM runs") ?? 0
            jobs = try Int64.fetchOne(db, sql: "SELECT count(*) FROM jobs") ?? 0
            let sql = "SELECT id, output_file FROM runs WHERE output_file IS NOT NULL"
            outputs = try Row.fetchAll(db, sql: sql).map { row in
                Output(run: try row.decode(Int64.self, atIndex: 0), file: try row.decode(String.self, atIndex: 1))
            }
            // Names of files, and the file is outside input.
            guard outputs.allSatisfy({ !$0.file.contains("/") && !$0.file.hasPrefix(".") }) else {
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
