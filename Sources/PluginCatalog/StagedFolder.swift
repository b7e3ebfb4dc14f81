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

    /// The stamp of the staged copy of `digest`; nil when there is none, or none of `size`.
    func copy(of digest: String, size: Int64? = nil) -> FileStamp? {
        guard let stamp = FileStamp(path: library(of: digest)), stamp.isFile, size == nil || stamp.size == size else {
            return nil
        }
        return stamp
    }

    func file(of digest: String) -> StagedFile { StagedFile(digest: digest, library: library(of: digest)) }

    /// Judges the staged copy of `digest` again, since the machine around it may have changed. Nil when there is none
    /// of `size`.
    func judge(_ digest: String, size: Int64? = nil) throws(Rejection) -> JudgedFile? {
        guard let stamp = copy(of: digest, size: size),
            let descriptor = FileDescriptor(opening: library(of: digest), O_RDONLY | O_NOFOLLOW)
        else { return nil }
        let facts = try judge(descriptor, size: Int(stamp.size))
        return JudgedFile(file: file(of: digest), facts: facts)
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
            return (JudgedFile(file: file(of: digest), facts: facts), stamp)
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
            return
        }
        guard mkdir(folder(of: digest), 0o755) == 0 || errno == EEXIST else {
            throw .notStaged(reason: SystemError.text(errno))
        }
        try draft.move(to: library(of: digest))
        guard FileDescriptor.syncFolder(of: folder(of: digest)) else {
            throw .notStaged(reason: SystemError.text(errno))
        }
    }

    /// Removes all other copies. Not while anything is being staged.
    func prune(keeping digests: Set<String>) {
        for name in FolderListing.names(path) where Digest.isDigest(name) && !digests.contains(name) { remove(name) }
    }

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

/// A staged copy that passed the static check.
struct JudgedFile: Sendable {
    var file: StagedFile
    /// What it says of itself, if it says anything.
    var manifest: PluginDescriptor?
    /// Its libraries are looked for in folders of its own, which are not watched.
    var hasOwnFolders: Bool

    init(file: StagedFile, facts: ElfFacts) {
        self.file = file
        manifest = facts.manifest
        hasOwnFolders = !facts.runpaths.isEmpty
    }
}

/// Why a file was not staged. The digest is empty when its bytes were not read to the end.
struct StagingFailure: Error, Hashable, Sendable {
    var digest: String
    var rejection: Rejection
}
