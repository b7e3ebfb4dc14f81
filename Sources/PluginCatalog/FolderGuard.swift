import Glibc

/// Who beside the host's user and root can put something else where a plugin file is.
struct FolderGuard {
    private var user = geteuid()

    /// Looks at the file, its folder, and what leads there. Nil: nobody else can.
    func fault(file: String, in folder: String) -> Rejection? {
        if let why = fault(of: file, canBeSticky: false) { return .openFile(path: file, why: why) }
        return fault(folder: folder)
    }

    /// Looks at a folder and what leads there.
    func fault(folder: String) -> Rejection? {
        var path = folder
        while true {
            if let why = fault(of: path, canBeSticky: path != folder) { return .openFolder(path: path, why: why) }
            guard path != "/", let slash = path.lastIndex(of: "/") else { return nil }
            path = slash == path.startIndex ? "/" : String(path[..<slash])
        }
    }

    /// In a sticky folder others can add files, and cannot replace what is ours.
    private func fault(of path: String, canBeSticky: Bool) -> String? {
        var status = stat()
        guard lstat(path, &status) == 0 else { return "cannot be looked at (\(SystemError.text(errno)))" }
        guard status.st_uid == user || status.st_uid == 0 else { return "belongs to user \(status.st_uid)" }
        guard status.st_mode & 0o022 != 0, !(canBeSticky && status.st_mode & S_ISVTX != 0) else { return nil }
        return "can be written to by others (mode \(String(status.st_mode & 0o7777, radix: 8)))"
    }
}
