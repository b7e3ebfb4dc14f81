import Foundation

/// Copies of files that are on disk when they are said to be there.
enum FileCopy {
    static func file(_ source: String, to target: String) throws(StoreError) {
        do { try FileManager.default.copyItem(atPath: source, toPath: target) } catch {
            throw .failed(reason: "cannot copy \(source) to \(target): \(error.localizedDescription)")
        }
        try sync(target)
    }

    static func makeFolder(_ path: String) throws(StoreError) {
        guard mkdir(path, 0o700) == 0 || errno == EEXIST else { throw fault("make the folder", path) }
    }

    /// Of a file or a folder.
    static func sync(_ path: String) throws(StoreError) {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw fault("open", path) }
        defer { close(descriptor) }
        guard fsync(descriptor) == 0 else { throw fault("sync", path) }
    }

    static func move(_ source: String, to target: String) throws(StoreError) {
        guard rename(source, target) == 0 else { throw fault("rename", source) }
    }

    static func exists(_ path: String) -> Bool { access(path, F_OK) == 0 }

    static func fault(_ verb: String, _ path: String) -> StoreError {
        .faulty(StoreFault(errno: errno), reason: "cannot \(verb) \(path): \(String(cString: strerror(errno)))")
    }
}
