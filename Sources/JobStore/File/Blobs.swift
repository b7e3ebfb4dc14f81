import Foundation
import JobModel

/// Outputs too large for a row, one file each in `blobs/`, named `<run>-<number of the attempt>`.
struct Blobs: Sendable {
    /// Above this an output goes to a file.
    static let threshold = 65_536

    let folder: String

    init(folder: String) throws(StoreError) {
        self.folder = folder
        if mkdir(folder, 0o700) != 0 && errno != EEXIST {
            throw .cannotOpen(path: folder, reason: String(cString: strerror(errno)))
        }
    }

    /// A folder that others made, to read from.
    init(existing folder: String) {
        self.folder = folder
    }

    /// Whether files can be made there now: one is, and goes.
    func trial() throws {
        let name = try write([0], run: 0, number: 0)
        unlink("\(folder)/\(name)")
    }

    /// Returns the file's name once the bytes and the name are on disk.
    func write(_ bytes: [UInt8], run: RunID, number: Int32) throws -> String {
        let name = "\(run)-\(number)"
        let descriptor = open("\(folder)/\(name)", O_CREAT | O_TRUNC | O_WRONLY | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw failure("create", name) }
        defer { close(descriptor) }
        try bytes.withUnsafeBytes { try writeAll($0, to: descriptor, name: name) }
        guard fsync(descriptor) == 0 else { throw failure("sync", name) }
        try syncFolder()
        return name
    }

    /// The files of all its attempts, where there are any.
    func remove(run: RunID, attempts: Int32) {
        guard attempts > 0 else { return }
        for number in 1...attempts { unlink("\(folder)/\(run)-\(number)") }
    }

    func read(_ name: String) throws -> [UInt8] {
        guard !name.contains("/"), let data = FileManager.default.contents(atPath: "\(folder)/\(name)") else {
            throw StoreError.failed(reason: "the output file \(folder)/\(name) cannot be read")
        }
        return [UInt8](data)
    }

    private func writeAll(_ bytes: UnsafeRawBufferPointer, to descriptor: Int32, name: String) throws {
        var rest = bytes[...]
        while let start = UnsafeRawBufferPointer(rebasing: rest).baseAddress, !rest.isEmpty {
            let written = Glibc.write(descriptor, start, rest.count)
            if written < 0 && errno == EINTR { continue }
            guard written > 0 else { throw failure("write", name) }
            rest = rest.dropFirst(written)
        }
    }

    private func syncFolder() throws {
        let descriptor = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { throw failure("open", ".") }
        defer { close(descriptor) }
        guard fsync(descriptor) == 0 else { throw failure("sync", ".") }
    }

    private func failure(_ verb: String, _ name: String) -> StoreError {
        FileCopy.fault(verb, "\(folder)/\(name)")
    }
}
