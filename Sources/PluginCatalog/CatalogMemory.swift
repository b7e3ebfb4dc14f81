import CBerthPlugin
import CGuestWire
import JobModel
import Synchronization

/// What the catalog knows from before, within a host's life and beyond it: the digests of files by their stamps, what
/// plugins said of themselves when they were probed, and the stamps of staged copies that this machine was found to load.
/// So a restart runs no plugin code, and reads one file instead of thousands. A damaged or missing memory is an empty
/// one. May be called from any thread.
final class CatalogMemory: Sendable {
    /// A staged copy that passed the static check.
    private struct Copy {
        var stamp: FileStamp
        /// The claim in the file, which the descriptor has to fit.
        var manifest: PluginDescriptor?
        /// Its descriptor fits and can be used as it is.
        var isVerified = false
    }

    private struct State {
        var digests: [FileStamp: String] = [:]
        /// JSON texts by digest, read when they are asked for.
        var descriptors: [String: [UInt8]] = [:]
        var copies: [String: Copy] = [:]
        var isChanged = false
    }

    private let file: NoteFile
    private let state: Mutex<State>
    /// Of the libraries of this machine: what was judged beside others is judged again.
    private let machine: String

    init(path: String, machine: String) {
        file = NoteFile(path: path)
        self.machine = machine
        let lines = MemoryLines(file.read() ?? [], machine: machine)
        var state = State(digests: lines.digests, descriptors: lines.descriptors)
        for (digest, stamp) in lines.copies { state.copies[digest] = Copy(stamp: stamp, isVerified: true) }
        self.state = Mutex(state)
    }

    func digest(of stamp: FileStamp) -> String? {
        state.withLock { $0.digests[stamp] }
    }

    func remember(_ stamp: FileStamp, digest: String) {
        state.withLock { state in
            state.isChanged = state.isChanged || state.digests[stamp] != digest
            state.digests[stamp] = digest
        }
    }

    func descriptor(of digest: String) -> PluginDescriptor? {
        guard let text = state.withLock({ $0.descriptors[digest] }), let json = try? JSONParser.parse(text) else {
            return nil
        }
        return PluginDescriptor(json: json)
    }

    func remember(_ descriptor: PluginDescriptor, of digest: String) {
        let text = descriptor.json.bytes
        state.withLock { state in
            state.isChanged = true
            state.descriptors[digest] = text
        }
    }

    /// Whether this very copy was found good before, on a machine like this, and nothing about it has to be read again.
    func hasVerified(_ digest: String, copy: FileStamp) -> Bool {
        state.withLock { $0.copies[digest].map { $0.stamp == copy && $0.isVerified } ?? false }
    }

    /// The copy passed the static check.
    func rememberJudged(_ digest: String, copy: FileStamp, manifest: PluginDescriptor?) {
        state.withLock { state in
            state.isChanged = true
            state.copies[digest] = Copy(stamp: copy, manifest: manifest)
        }
    }

    /// Writes the memory down when it changed, without what belongs to other digests. A failure costs time at the next
    /// start and nothing else.
    func save(keeping digests: Set<String>) throws(NoteFault) {
        let changed: State? = state.withLock { state in
            guard state.isChanged else { return nil }
            state.isChanged = false
            state.digests = state.digests.filter { digests.contains($0.value) }
            state.descriptors = state.descriptors.filter { digests.contains($0.key) }
            state.copies = state.copies.filter { digests.contains($0.key) }
            return state
        }
        guard let changed else { return }
        let verified = verified(changed)
        state.withLock { state in
            for (digest, stamp) in verified where state.copies[digest]?.stamp == stamp {
                state.copies[digest]?.isVerified = true
            }
        }
        try file.write(MemoryLines(changed.digests, changed.descriptors, verified).bytes(machine: machine))
    }

    /// A copy whose manifest claims other things than the plugin says, or whose schemas cannot be used, is read again
    /// each time, and rejected.
    private func verified(_ state: State) -> [String: FileStamp] {
        state.copies.filter { digest, copy in
            if copy.isVerified { return true }
            guard let text = state.descriptors[digest], let json = try? JSONParser.parse(text),
                let descriptor = PluginDescriptor(json: json), (try? UsableDescriptor(descriptor)) != nil
            else { return false }
            return copy.manifest.map { PluginManifest.difference($0, from: descriptor) == nil } ?? true
        }.mapValues(\.stamp)
    }
}

/// The memory as text: a first line that says for which build and machine it holds, then a line for each fact, with tabs
/// between its parts.
struct MemoryLines {
    var digests: [FileStamp: String] = [:]
    var descriptors: [String: [UInt8]] = [:]
    var copies: [String: FileStamp] = [:]

    init(_ digests: [FileStamp: String], _ descriptors: [String: [UInt8]], _ copies: [String: FileStamp]) {
        self.digests = digests
        self.descriptors = descriptors
        self.copies = copies
    }

    init(_ bytes: [UInt8], machine: String) {
        var lines = bytes.split(separator: UInt8(ascii: "\n"))[...]
        guard let head = lines.popFirst().map({ String(decoding: $0, as: UTF8.self) }) else { return }
        guard head.hasPrefix(Self.head) else { return }
        let isSameMachine = head == Self.head + machine
        for line in lines { take(line, isSameMachine: isSameMachine) }
    }

    private mutating func take(_ line: ArraySlice<UInt8>, isSameMachine: Bool) {
        let parts = line.split(separator: UInt8(ascii: "\t"), maxSplits: 7)
        guard parts.count == 8, let kind = parts[0].first else { return }
        if kind == UInt8(ascii: "D") {
            let digest = String(decoding: parts[1], as: UTF8.self)
            if Digest.isDigest(digest) { descriptors[digest] = [UInt8](parts[7]) }
            return
        }
        let digest = String(decoding: parts[7], as: UTF8.self)
        guard Digest.isDigest(digest), let stamp = FileStamp(parts[1..<7]) else { return }
        if kind == UInt8(ascii: "F") { digests[stamp] = digest }
        if kind == UInt8(ascii: "C"), isSameMachine { copies[digest] = stamp }
    }

    func bytes(machine: String) -> [UInt8] {
        var bytes = Array("\(Self.head)\(machine)\n".utf8)
        for (stamp, digest) in digests { bytes += Array("F\t\(stamp.line)\t\(digest)\n".utf8) }
        for (digest, stamp) in copies { bytes += Array("C\t\(stamp.line)\t\(digest)\n".utf8) }
        for (digest, text) in descriptors { bytes += Array("D\t\(digest)\t-\t-\t-\t-\t-\t".utf8) + text + [10] }
        return bytes
    }

    private static let head =
        "berth-plugins 1 \(BERTH_ABI_MAJOR).\(BERTH_ABI_MINOR) \(UInt64(GW_LAYOUT_DIGEST)) "
}

extension FileStamp {
    fileprivate var line: String {
        "\(Int64(bitPattern: device))\t\(Int64(bitPattern: inode))\t\(size)\t\(modified)\t\(changed)\t\(mode)"
    }

    fileprivate init?(_ parts: ArraySlice<ArraySlice<UInt8>>) {
        let numbers = parts.compactMap { Int64(String(decoding: $0, as: UTF8.self)) }
        guard numbers.count == 6 else { return nil }
        self.init(
            device: UInt64(bitPattern: numbers[0]), inode: UInt64(bitPattern: numbers[1]), size: numbers[2],
            modified: numbers[3], changed: numbers[4], mode: UInt32(truncatingIfNeeded: numbers[5]))
    }
}
