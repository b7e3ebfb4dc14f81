import Foundation
import GRDB
package import JobModel

/// Looks whether what a home keeps is whole: through connections that can neither write nor checkpoint, so that a host
/// may be at work meanwhile. Blocks; the whole of the store is read.
package struct StoreCheck {
    let home: String
    /// A host is at work.
    let isLive: Bool
    let now: Instant

    /// Up to here every entry of every index is compared with its row, above it pages alone are checked.
    private static let thorough: Int64 = 1 << 30

    package init(home: String, isLive: Bool, now: Instant) {
        self.home = home
        self.isLive = isLive
        self.now = now
    }

    package func findings() -> [StoreFinding] {
        guard FileManager.default.fileExists(atPath: path) else {
            return StoreRestore.wasCutShort(in: home)
                ? [StoreFinding(.broken, "store", StoreRestore.cutShort)]
                : [StoreFinding(.good, "store", "there is none yet; the first start makes it")]
        }
        return looked("store", path, .runs) { db in try self.rules(db) + self.blobs(db) }
            + looked("logs", "\(home)/logs.db", .logs) { _ in [] } + [log, version]
    }

    private var path: String { "\(home)/berth.db" }

    /// What is wrong with a file; where it is ours and of today's schema, `rows` is asked too.
    private func looked(
        _ subject: String, _ path: String, _ schema: Schema, _ rows: (Database) throws -> [StoreFinding]
    ) -> [StoreFinding] {
        guard FileManager.default.fileExists(atPath: path) else { return [] }
        do {
            let queue = try DatabaseFile(path: path, schema: schema).openForLooking()
            defer { try? queue.close() }
            return try queue.inDatabase { db in
                // One snapshot for everything: rules compare tables with each other.
                var findings: [StoreFinding] = []
                try db.inTransaction(.deferred) {
                    findings = try file(subject, path, schema, db)
                    if !findings.contains(where: { $0.verdict == .broken }) { findings += try rows(db) }
                    return .commit
                }
                return findings
            }
        } catch {
            return [Self.broken(subject, path, StoreError(error).words)]
        }
    }

    private static func broken(_ subject: String, _ path: String, _ what: String) -> StoreFinding {
        StoreFinding(
            .broken, subject, "\(path): \(what). Stop the host and restore a backup: `berth restore FOLDER --force`.")
    }

    private func file(
        _ subject: String, _ path: String, _ schema: Schema, _ db: Database
    ) throws -> [StoreFinding] {
        let owner = try Int64.fetchOne(db, sql: "PRAGMA application_id") ?? 0
        guard owner == schema.applicationID else {
            return [StoreFinding(.broken, subject, "\(path) belongs to another program (application id \(owner))")]
        }
        let found = try Int.fetchOne(db, sql: "PRAGMA user_version") ?? 0
        guard found == schema.version else {
            return found > schema.version
                ? [StoreFinding(.broken, subject, "\(path) has schema \(found), this berth knows \(schema.version)")]
                : [StoreFinding(.weak, subject, "\(path) has schema \(found): the next start copies and migrates it")]
        }
        let size = Self.size(path)
        let check = size > Self.thorough ? "quick_check" : "integrity_check"
        let faults = try String.fetchAll(db, sql: "PRAGMA \(check)(3)").filter { $0 != "ok" }
        guard faults.isEmpty else {
            return [Self.broken(subject, path, faults.joined(separator: "; "))]
        }
        let differences = try Tables(schema).differences(db)
        return [
            differences.isEmpty
                ? StoreFinding(.good, subject, "\(path), schema \(found), \(size) bytes, \(check) ok")
                : StoreFinding(.broken, "tables", "\(path): \(differences.joined(separator: "; "))")
        ]
    }

    private func rules(_ db: Database) throws -> [StoreFinding] {
        let breaches = Invariant.all.compactMap { rule -> StoreFinding? in
            do { return try rule.breach(db, path: path) } catch {
                return StoreFinding(.broken, rule.name, "cannot be checked: \(StoreError(error).words)")
            }
        }
        guard !breaches.contains(where: { $0.verdict == .broken }) else { return breaches }
        let kept = [StoreFinding(.good, "rules", "all \(Invariant.all.count) are kept")]
        return (breaches.isEmpty ? kept : breaches) + readable(db)
    }

    /// What a host would begin with.
    private func readable(_ db: Database) -> [StoreFinding] {
        do {
            _ = try StartReader(db: db).state(blobs: Blobs(existing: "\(home)/blobs"))
            return []
        } catch {
            return [Self.broken("start", path, "a host cannot take it up: \(StoreError(error).words)")]
        }
    }
}

// MARK: - Files

extension StoreCheck {
    private func blobs(_ db: Database) throws -> [StoreFinding] {
        let named = try Set(
            String.fetchAll(db, sql: "SELECT output_file FROM runs WHERE output_file IS NOT NULL"))
        let folder = "\(home)/blobs"
        let there = Set((try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? [])
        let missing = named.subtracting(there).sorted()
        var findings: [StoreFinding] = []
        if !missing.isEmpty {
            findings.append(
                StoreFinding(
                    .broken, "outputs",
                    "\(missing.prefix(10).joined(separator: ", ")) of \(missing.count) missing in \(folder): the outputs of "
                        + "these runs are lost. Copy the files back from a backup, or retry the runs."))
        }
        let orphans = there.subtracting(named).filter { !mayBeOnItsWay("\(folder)/\($0)") }
        if !orphans.isEmpty {
            let bytes = orphans.reduce(0) { $0 + Self.size("\(folder)/\($1)") }
            findings.append(
                StoreFinding(
                    .weak, "outputs",
                    "\(orphans.count) files (\(bytes) bytes) in \(folder) belong to no run any more, such as "
                        + "\(orphans.min() ?? ""); with the host stopped they may be deleted"))
        }
        return findings.isEmpty ? [StoreFinding(.good, "outputs", "\(named.count) files, none missing")] : findings
    }

    /// A file is written before the run that names it is.
    private func mayBeOnItsWay(_ path: String) -> Bool {
        var facts = stat()
        guard isLive, stat(path, &facts) == 0 else { return false }
        return Int64(facts.st_mtim.tv_sec) * 1_000_000 > now.microseconds - 600_000_000
    }

    private var log: StoreFinding {
        let bytes = Self.size("\(path)-wal")
        return bytes > 256 << 20
            ? StoreFinding(
                .weak, "write-ahead log",
                "\(bytes) bytes: a long read holds it back, or checkpoints fail; the host's log says which")
            : StoreFinding(.good, "write-ahead log", "\(bytes) bytes")
    }

    /// Before 3.51.3 two connections that write or checkpoint at once can damage a database with a write-ahead log. Ours
    /// have one such connection each. The inbox has foreign writers, and a rollback journal unless one of them changed that.
    private var version: StoreFinding {
        let version = Database.sqliteLibVersionNumber
        let words = "\(version / 1_000_000).\(version / 1000 % 1000).\(version % 1000)"
        guard version < 3_051_003, isWriteAhead("\(home)/inbox.db") else { return StoreFinding(.good, "SQLite", words) }
        return StoreFinding(
            .weak, "SQLite",
            "\(words) can damage inbox.db, which another program gave a write-ahead log: with the host stopped, "
                + "sqlite3 \(home)/inbox.db \"PRAGMA journal_mode = DELETE\", or use SQLite 3.51.3 or newer")
    }

    /// By the file's header: format versions of 2.
    private func isWriteAhead(_ path: String) -> Bool {
        guard let file = FileHandle(forReadingAtPath: path), let header = try? file.read(upToCount: 20) else {
            return false
        }
        return header.count == 20 && header[18] == 2
    }

    private static func size(_ path: String) -> Int64 {
        var facts = stat()
        return stat(path, &facts) == 0 ? Int64(facts.st_size) : 0
    }
}
