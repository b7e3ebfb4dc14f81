import Crypto
import Glibc

/// A copy in the making. Its file is removed when it was not moved to its place.
struct Draft: ~Copyable {
    let descriptor: FileDescriptor
    private let path: String
    private(set) var size = 0

    init(in folder: String, name: String) throws(Rejection) {
        path = "\(folder)/\(name)"
        guard let descriptor = FileDescriptor(opening: path, O_RDWR | O_CREAT | O_EXCL, mode: 0o600) else {
            throw .notStaged(reason: SystemError.text(errno))
        }
        self.descriptor = descriptor
    }

    deinit { unlink(path) }

    /// Copies all of `input` and gives the digest. Stops early when the first bytes say that this cannot be a plugin,
    /// so that a large file of another kind costs nothing.
    mutating func fill(from input: borrowing FileDescriptor, check: StaticCheck) throws(Rejection) -> String {
        var hash = SHA256()
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 20, alignment: 4096)
        defer { buffer.deallocate() }
        while true {
            let count = Glibc.read(input.number, buffer.baseAddress, buffer.count)
            guard count >= 0 else { throw .unreadable(reason: SystemError.text(errno)) }
            let piece = UnsafeRawBufferPointer(rebasing: buffer[..<count])
            if size == 0 { _ = try ElfHeader(ElfBytes(piece), machine: check.machine) }
            guard count > 0 else { break }
            size += count
            guard size <= StagedFolder.sizeLimit else {
                throw .tooLarge(bytes: UInt64(size), limit: StagedFolder.sizeLimit)
            }
            hash.update(bufferPointer: piece)
            try write(piece)
        }
        return Digest.hex(hash.finalize())
    }

    private func write(_ piece: UnsafeRawBufferPointer) throws(Rejection) {
        var rest = piece
        while !rest.isEmpty {
            let count = Glibc.write(descriptor.number, rest.baseAddress, rest.count)
            guard count > 0 else { throw .notStaged(reason: SystemError.text(errno)) }
            rest = UnsafeRawBufferPointer(rebasing: rest[count...])
        }
    }

    /// On disk before it has its name: what a digest names is complete, also after a power cut.
    func move(to target: String) throws(Rejection) {
        guard fchmod(descriptor.number, 0o555) == 0, fsync(descriptor.number) == 0, rename(path, target) == 0,
            FileDescriptor.syncFolder(of: target)
        else {
            throw .notStaged(reason: SystemError.text(errno))
        }
    }
}
