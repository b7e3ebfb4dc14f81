import Foundation
import Synchronization

/// Remembers the digest of files by their stamps, within a host's life and beyond it, so that unchanged files are not
/// read again. What it says is checked against the staged folder; a damaged or missing memory is an empty one.
final class KnownFiles: Sendable {
    private struct Memory: Codable {
        var version = 1
        var files: [Entry] = []
    }

    private struct Entry: Codable {
        var stamp: FileStamp
        var digest: String
    }

    private struct State {
        var digests: [FileStamp: String]
        /// Only these are written down again, so that the memory does not grow with files long gone.
        var used: Set<FileStamp> = []
        var isChanged = false
    }

    private let path: String
    private let state: Mutex<State>

    init(path: String) {
        self.path = path
        state = Mutex(State(digests: Self.read(path)))
    }

    func digest(of stamp: FileStamp) -> String? {
        state.withLock { state in
            guard let digest = state.digests[stamp] else { return nil }
            state.used.insert(stamp)
            return digest
        }
    }

    func remember(_ stamp: FileStamp, digest: String) {
        state.withLock { state in
            state.isChanged = state.isChanged || state.digests[stamp] != digest
            state.digests[stamp] = digest
            state.used.insert(stamp)
        }
    }

    /// Writes the memory down when it changed. A failure costs time at the next start and nothing else.
    func save() {
        let entries: [Entry]? = state.withLock { state in
            guard state.isChanged else { return nil }
            state.isChanged = false
            return state.digests.filter { state.used.contains($0.key) }.map { Entry(stamp: $0.key, digest: $0.value) }
        }
        guard let entries, let data = try? JSONEncoder().encode(Memory(files: entries)) else { return }
        try? data.write(to: URL(fileURLWithPath: path), options: .atomic)
    }

    private static func read(_ path: String) -> [FileStamp: String] {
        guard let data = FileManager.default.contents(atPath: path),
            let memory = try? JSONDecoder().decode(Memory.self, from: data), memory.version == 1
        else { return [:] }
        let usable = memory.files.filter { Digest.isDigest($0.digest) }
        return Dictionary(usable.map { ($0.stamp, $0.digest) }, uniquingKeysWith: { $1 })
    }
}
