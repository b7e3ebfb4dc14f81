import Crypto
import Foundation
import NIOPosix

/// The containers of one upstream as files in the plugins folder. Nothing but their names tells them from other plugins.
///
/// Blocking work is done on threads for it.
struct ContainerFolder: Sendable {
    struct File: Hashable, Sendable {
        /// MD5 of its bytes.
        var version: String
        var deployedAt: Date
    }

    let folder: String
    private let prefix: String

    init(folder: String, upstream: String) {
        self.folder = folder
        prefix = "\(upstream)-container-"
    }

    func path(of id: Int64) -> String { "\(folder)/\(name(of: id))" }
    private func name(of id: Int64) -> String { "\(prefix)\(id).so" }

    /// Those that are there, by id.
    func files() async -> [Int64: File] {
        let found = try? await NIOThreadPool.singleton.runIfActive { () -> [Int64: File] in
            var files: [Int64: File] = [:]
            for name in try FileManager.default.contentsOfDirectory(atPath: folder) {
                guard let id = id(of: name) else { continue }
                files[id] = try? file(of: id)
            }
            return files
        }
        return found ?? [:]
    }

    private func id(of name: String) -> Int64? {
        guard name.hasPrefix(prefix), name.hasSuffix(".so") else { return nil }
        return Int64(name.dropFirst(prefix.count).dropLast(3))
    }

    private func file(of id: Int64) throws -> File {
        let bytes = try Data(contentsOf: URL(fileURLWithPath: path(of: id)))
        let date = try FileManager.default.attributesOfItem(atPath: path(of: id))[.modificationDate] as? Date
        return File(version: Self.md5(bytes), deployedAt: date ?? Date())
    }

    /// Puts the bytes in the place of the file of an id, whole or not at all, and returns when they are on disk. The
    /// catalog passes over names that begin with a dot.
    func write(_ bytes: [UInt8], of id: Int64) async throws {
        try await NIOThreadPool.singleton.runIfActive {
            let draft = "\(folder)/.\(name(of: id)).part"
            defer { unlink(draft) }
            try Data(bytes).write(to: URL(fileURLWithPath: draft))
            let file = try FileHandle(forUpdating: URL(fileURLWithPath: draft))
            try file.synchronize()
            try file.close()
            guard chmod(draft, 0o644) == 0, rename(draft, path(of: id)) == 0 else {
                throw CocoaError(.fileWriteUnknown, userInfo: [NSFilePathErrorKey: path(of: id)])
            }
        }
    }

    /// False when there was none.
    func remove(_ id: Int64) async -> Bool {
        (try? await NIOThreadPool.singleton.runIfActive { unlink(path(of: id)) == 0 }) ?? false
    }

    static func md5(_ bytes: some DataProtocol) -> String { hex(Insecure.MD5.hash(data: bytes)) }
    /// By which the catalog knows it.
    static func digest(_ bytes: some DataProtocol) -> String { hex(SHA256.hash(data: bytes)) }

    private static func hex(_ digest: some Sequence<UInt8>) -> String {
        digest.map { byte in (byte < 16 ? "0" : "") + String(byte, radix: 16) }.joined()
    }
}
