import CGuestWire.Shims

/// The folder for the plugin's own files, emptied between attempts that were sent ahead: the host comes to it only when
/// none is left.
struct Scratch {
    private let path: [CChar]
    private let descriptor: Int32

    /// The host makes it our home and our working folder.
    static func fromEnvironment() -> Scratch? {
        guard let text = Text.terminated(getenv("HOME"), limit: 4096), !text.isEmpty else { return nil }
        let path = text.map { CChar(bitPattern: $0) } + [0]
        let descriptor = guest_open(path, O_RDONLY | O_DIRECTORY)
        return descriptor < 0 ? nil : Scratch(path: path, descriptor: descriptor)
    }

    /// One system call when nothing was written since the host looked, which marks what is empty: here nobody may set the
    /// times of a file. What cannot be removed stays for the host to see.
    func empty() {
        if guest_changed_at(descriptor) != 0 { _ = guest_empty_folder(path) }
    }
}
