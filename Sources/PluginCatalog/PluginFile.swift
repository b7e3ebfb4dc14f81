import Foundation
package import JobModel

/// A plugin file as its bytes tell of it. None of its code runs.
package struct PluginFile: Sendable {
    /// Absolute, or as it was given.
    package let path: String
    /// SHA-256 of its bytes, the plugin's identity.
    package let digest: String
    package let size: Int
    package let facts: ElfFacts
    /// Why this machine would not load it; nil when nothing speaks against a probe.
    package let refusal: Rejection?

    /// Throws where the file is no library for this machine at all, or its manifest is damaged. Blocks.
    package init(path: String) throws(Rejection) {
        let bytes = try Self.read(path)
        self.path = path
        digest = Digest.of(bytes)
        size = bytes.count
        facts = try Self.withBuffer(bytes) { buffer throws(Rejection) in try ElfFacts.read(buffer) }
        do throws(Rejection) {
            _ = try Self.withBuffer(bytes) { buffer throws(Rejection) in try StaticCheck().judge(buffer) }
            refusal = nil
        } catch {
            refusal = error
        }
    }

    /// Writes the manifest into the file at `path`, by way of another that takes its place. Leaves a file alone that has
    /// the same already. Blocks.
    package static func stamp(_ path: String, with descriptor: PluginDescriptor) throws(Rejection) {
        let bytes = try read(path)
        let known = try? withBuffer(bytes) { buffer throws(Rejection) in try ElfFacts.read(buffer).manifest }
        guard known != descriptor else { return }
        let content = try PluginManifest.encode(descriptor)
        try replace(path, by: try ElfSectionWriter.write(".berth.manifest", content, into: bytes))
    }

    private static func replace(_ path: String, by bytes: [UInt8]) throws(Rejection) {
        let draft = path + ".stamped"
        do {
            try Data(bytes).write(to: URL(fileURLWithPath: draft))
        } catch {
            throw .notStaged(reason: error.localizedDescription)
        }
        let mode = FileStamp(path: path)?.mode ?? 0o755
        guard chmod(draft, mode & 0o777) == 0, rename(draft, path) == 0 else {
            defer { unlink(draft) }
            throw .notStaged(reason: SystemError.text(errno))
        }
    }

    private static func read(_ path: String) throws(Rejection) -> [UInt8] {
        guard let file = FileDescriptor(opening: path, O_RDONLY | O_NONBLOCK) else {
            throw .unreadable(reason: SystemError.text(errno))
        }
        guard let stamp = FileStamp(descriptor: file.number) else { throw .unreadable(reason: "fstat") }
        if let refusal = stamp.refusal { throw refusal }
        guard stamp.size <= StagedFolder.sizeLimit else {
            throw .tooLarge(bytes: UInt64(stamp.size), limit: StagedFolder.sizeLimit)
        }
        guard let data = FileManager.default.contents(atPath: path) else {
            throw .unreadable(reason: SystemError.text(errno))
        }
        return [UInt8](data)
    }

    private static func withBuffer<Value>(
        _ bytes: [UInt8], _ body: (UnsafeRawBufferPointer) throws(Rejection) -> Value
    ) throws(Rejection) -> Value {
        try bytes.withUnsafeBytes { buffer in Result { () throws(Rejection) in try body(buffer) } }.get()
    }
}
