import CGuestWire
import JobModel

/// The limit that a failed attempt probably came to and went on from: what the kernel, or the attempt itself, last said of
/// why. Plugins choose their words and errors, so it is a hint for people.
enum RefusedLimit {
    /// What each of them is told by, in small letters.
    private static let memoryWords = [
        "out of memory", "cannot allocate memory", "memory allocation of", "bad_alloc", "enomem",
    ]
    private static let fileWords = ["file too large", "efbig"]
    private static let descriptorWords = ["too many open files", "emfile"]

    /// Nil where nothing is said of a limit that there is.
    static func of(_ done: GuestFrame.Done, _ limits: GuestLimits) -> LimitHit? {
        guard (1...199).contains(done.code) else { return nil }
        let said = done.error.lowercased()
        func tells(_ bit: UInt32, _ words: [String]) -> Bool {
            done.exhausted & bit != 0 || words.contains { said.contains($0) }
        }
        if limits.fileBytes > 0, tells(GW_REFUSED_FILE_SIZE, fileWords) { return .fileSize(limits.fileBytes) }
        if limits.openFiles > 0, tells(GW_REFUSED_DESCRIPTORS, descriptorWords) { return .openFiles(limits.openFiles) }
        if limits.memoryBytes > 0, tells(GW_REFUSED_MEMORY, memoryWords) { return .memory(limits.memoryBytes) }
        return nil
    }
}
