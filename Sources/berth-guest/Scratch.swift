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

    /// One system call when nothing was written. What cannot be removed stays for the host to see.
    func empty() {
        if guest_is_touched(descriptor) != 0, guest_empty_folder(path) == 0 {
            guest_mark_untouched(descriptor)
        }
    }
}
