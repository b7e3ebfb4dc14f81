import Crypto
import Glibc
import JobModel
import Synchronization

/// Read-only copies of plugins, each in a folder named by its digest. Guests load these and never the files people
/// copy, overwrite and delete. All methods block and may be called from any thread.
final class StagedFolder: Sendable {
    static let sizeLimit: UInt64 = 512 << 20

    let path: String
    private let check: StaticCheck
    private let drafts = Atomic<UInt64>(0)

    /// The folder must exist. Drafts that an earlier host left are removed.
    init(path: String, check: StaticCheck) {
        self.path = path
        self.check = check
        for name in FolderListing.names(path) where name.hasPrefix(Self.draftPrefix) {
            unlink("\(path)/\(name)")
        }
    }

    func folder(of digest: String) -> String { "\(path)/\(digest)" }
    func library(of digest: String) -> String { "\(folder(of: digest))/plugin.so" }

    /// Judges the staged copy of `digest` again, since the machine around it may have changed. Nil when there is none
    /// of `size`.
    func judge(_ digest: String, size: Int64) throws(Rejection) -> JudgedFile? {
        let library = library(of: digest)
        guard let stamp = FileStamp(path: library), stamp.isFile, stamp.size == size,
            let descriptor = FileDescriptor(opening: library, O_RDONLY | O_NOFOLLOW)
        else { return nil }
        let facts = try judge(descriptor, size: Int(size))
        return JudgedFile(file: StagedFile(digest: digest, library: library), manifest: facts.manifest)
    }

    /// Copies the file at `source` while hashing it, judges the copy by its tables, and keeps it under its digest.
    /// `stamp` is what the source was before its first byte was read: if it changed meanwhile, that stamp is history.
    func stage(_ source: String) throws(StagingFailure) -> (file: JudgedFile, stamp: FileStamp) {
        var digest = ""
        do throws(Rejection) {
            let input = try open(source)
            guard let stamp = FileStamp(descriptor: input.number) else { throw .unreadable(reason: "fstat") }
            var draft = try Draft(in: path, name: "\(Self.draftPrefix)\(getpid())-\(next())")
            digest = try draft.fill(from: input, check: check)
            let facts = try judge(draft.descriptor, size: draft.size)
            try keep(draft, as: digest)
            let file = StagedFile(digest: digest, library: library(of: digest))
            return (JudgedFile(file: file, manifest: facts.manifest), stamp)
        } catch {
            throw StagingFailure(digest: digest, rejection: error)
        }
    }

    /// Opens a regular file and nothing else: not a link, and not a pipe whose other end would notice.
    private func open(_ source: String) throws(Rejection) -> FileDescriptor {
        if let refusal = FileStamp(path: source)?.refusal { throw refusal }
        guard let input = FileDescriptor(opening: source, O_RDONLY | O_NOFOLLOW | O_NONBLOCK) else {
            throw errno == ELOOP ? .symbolicLink : .unreadable(reason: SystemError.text(errno))
        }
        guard let stamp = FileStamp(descriptor: input.number) else { throw .unreadable(reason: "fstat") }
        if let refusal = stamp.refusal { throw refusal }
        guard stamp.size <= Self.sizeLimit else { throw .tooLarge(bytes: UInt64(stamp.size), limit: Self.sizeLimit) }
        return input
    }

    private func judge(_ descriptor: borrowing FileDescriptor, size: Int) throws(Rejection) -> ElfFacts {
        guard size > 0 else { throw .empty }
        guard let address = mmap(nil, size, PROT_READ, MAP_PRIVATE, descriptor.number, 0), address != MAP_FAILED else {
            throw .notStaged(reason: SystemError.text(errno))
        }
        defer { munmap(address, size) }
        return try check.judge(UnsafeRawBufferPointer(start: address, count: size))
    }

    /// A copy that is there already is as good, unless somebody cut it.
    private func keep(_ draft: borrowing Draft, as digest: String) throws(Rejection) {
        if let there = FileStamp(path: library(of: digest)), there.isFile, there.size == draft.size {
            // It counts as new again.
            utimensat(AT_FDCWD, folder(of: digest), nil, 0)
            return
        }
        guard mkdir(folder(of: digest), 0o755) == 0 || errno == EEXIST else {
            throw .notStaged(reason: SystemError.text(errno))
        }
        try draft.move(to: library(of: digest))
    }

    /// Removes the copies that nobody uses, but leaves the newest of each plugin, so that together with those in use three
    /// are there to go back to. `plugin` tells whose a copy is. Not while anything is being staged.
    func prune(using used: Set<String>, plugin: (String) -> String?) {
        var spare: [String: [(digest: String, arrived: Int64)]] = [:]
        var kept: [String: Int] = [:]
        for digest in FolderListing.names(path) where Digest.isDigest(digest) {
            let id = plugin(digest)
            if used.contains(digest) {
                if let id { kept[id, default: 0] += 1 }
            } else if let id, let stamp = FileStamp(path: folder(of: digest)) {
                spare[id, default: []].append((digest, stamp.modified))
            } else {
                remove(digest)
            }
        }
        for (id, copies) in spare {
            let room = max(0, Self.copiesPerPlugin - (kept[id] ?? 0))
            for copy in copies.sorted(by: { $0.arrived > $1.arrived }).dropFirst(room) { remove(copy.digest) }
        }
    }

    static let copiesPerPlugin = 3

    private func remove(_ digest: String) {
        for name in FolderListing.names(folder(of: digest)) { unlink("\(folder(of: digest))/\(name)") }
        rmdir(folder(of: digest))
    }

    private func next() -> UInt64 { drafts.add(1, ordering: .relaxed).newValue }

    private static let draftPrefix = ".draft-"
}

/// A plugin's read-only copy.
struct StagedFile: Hashable, Sendable {
    var digest: String
    var library: String
}

/// A staged copy that passed the static check, and what it says of itself in its manifest, if it has one.
struct JudgedFile: Sendable {
    var file: StagedFile
    var manifest: PluginDescriptor?
}

/// Why a file was not staged. The digest is empty when its bytes were not read to the end.
struct StagingFailure: Error, Hashable, Sendable {
    var digest: String
    var rejection: Rejection
}
