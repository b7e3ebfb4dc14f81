import Foundation
package import JobModel

/// Puts a backup into a home. Blocks; the caller holds the home's lock.
package struct StoreRestore {
    let home: String
    let backup: String

    package init(home: String, backup: String) {
        self.home = home
        self.backup = backup
    }

    /// The store itself comes last: a home in which only the rest has arrived has none.
    private static let names = ["blobs", "inbox.db", "logs.db", "berth.db"]
    /// Of a database that was not closed.
    private static let sides = ["-wal", "-shm", "-journal"]

    /// A home that has a store is refused unless it is to be replaced; then what it had is moved aside, never deleted.
    /// Nothing in the home changes before the backup was found whole and its copy is on disk.
    /// Returns the folder that holds what was there before; nil when nothing was.
    package func restore(replacing: Bool, at now: Instant) throws(StoreError) -> String? {
        let hasStore = FileCopy.exists("\(home)/berth.db")
        guard replacing || !hasStore else {
            throw .failed(reason: "\(home) has a store already; --force replaces it, and keeps what is there now")
        }
        try check(now)
        let draft = Self.draft(in: home)
        try? FileManager.default.removeItem(atPath: draft)
        try FileCopy.makeFolder(draft)
        for name in Self.names where FileCopy.exists("\(backup)/\(name)") {
            try copy("\(backup)/\(name)", to: "\(draft)/\(name)")
        }
        try FileCopy.sync(draft)
        let aside = "\(home)/replaced-\(now.rfc3339)"
        let hadAny = try moveAside(to: aside)
        for name in Self.names where FileCopy.exists("\(draft)/\(name)") {
            try FileCopy.move("\(draft)/\(name)", to: "\(home)/\(name)")
        }
        rmdir(draft)
        try FileCopy.sync(home)
        return hadAny ? aside : nil
    }

    /// Whether a restore ended before its store was in place. A home without one must not get an empty one then.
    static func wasCutShort(in home: String) -> Bool {
        !FileCopy.exists("\(home)/berth.db") && FileCopy.exists(draft(in: home))
    }

    static let cutShort =
        "a restore was cut short before the store was in place: run `berth restore FOLDER` again. What was there before is "
        + "in replaced-… beside it; or delete restore.part to begin with an empty store"

    private static func draft(in home: String) -> String { "\(home)/restore.part" }

    /// Weak findings keep nobody from a backup.
    private func check(_ now: Instant) throws(StoreError) {
        guard FileCopy.exists("\(backup)/berth.db") else {
            throw .failed(reason: "\(backup) is no backup: there is no berth.db in it")
        }
        let findings = StoreCheck(home: backup, isLive: false, now: now).findings()
        guard let bad = findings.first(where: { $0.verdict == .broken }) else { return }
        throw .failed(reason: "the backup is not whole, and nothing was changed: \(bad.subject): \(bad.text)")
    }

    private func copy(_ source: String, to target: String) throws(StoreError) {
        var facts = stat()
        guard stat(source, &facts) == 0, facts.st_mode & S_IFMT == S_IFDIR else {
            try FileCopy.file(source, to: target)
            chmod(target, 0o600)
            return
        }
        try FileCopy.makeFolder(target)
        for name in (try? FileManager.default.contentsOfDirectory(atPath: source)) ?? [] {
            try FileCopy.file("\(source)/\(name)", to: "\(target)/\(name)")
        }
        try FileCopy.sync(target)
    }

    /// The store goes first: without one no host begins. A side file that was left behind would be taken for the new
    /// store's, so that all that is there goes, even if the store did before. False: there was nothing.
    private func moveAside(to aside: String) throws(StoreError) -> Bool {
        let files = (Self.names.reversed() + Self.names.flatMap { name in Self.sides.map { name + $0 } })
            .filter { FileCopy.exists("\(home)/\($0)") }
        guard !files.isEmpty else { return false }
        try FileCopy.makeFolder(aside)
        for name in files { try FileCopy.move("\(home)/\(name)", to: "\(aside)/\(name)") }
        try FileCopy.sync(aside)
        try FileCopy.sync(home)
        return true
    }
}
