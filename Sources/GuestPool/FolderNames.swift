import Glibc

/// The names in a folder, read some at a time: whoever filled it chose how many there are.
final class FolderNames {
    /// Held in memory at once.
    static let atOnce = 1024
    private let stream: OpaquePointer

    /// Nil when it cannot be read.
    init?(of folder: Int32) {
        let own = openat(folder, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard own >= 0 else { return nil }
        guard let stream = fdopendir(own) else {
            close(own)
            return nil
        }
        self.stream = stream
    }

    deinit {
        closedir(stream)
    }

    /// The next names, each with its terminating NUL; none: there are no more.
    func next(_ most: Int = atOnce) -> [[CChar]] {
        var names: [[CChar]] = []
        while names.count < most, let entry = readdir(stream) {
            let name = withUnsafeBytes(of: &entry.pointee.d_name) { Array($0.prefix { $0 != 0 }) }
            guard name != Array(".".utf8), name != Array("..".utf8) else { continue }
            names.append(name.map { CChar(bitPattern: $0) } + [0])
        }
        return names
    }
}
