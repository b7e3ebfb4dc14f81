import Foundation

/// A control group of version 1 in which processes stand still, signals or not.
struct Freezer {
    private let folder: String
    private static let parent = "/sys/fs/cgroup/freezer"

    static var isThere: Bool {
        let trial = "\(parent)/berth-\(UUID().uuidString)"
        defer { rmdir(trial) }
        return mkdir(trial, 0o755) == 0 && FileManager.default.fileExists(atPath: "\(trial)/freezer.state")
    }

    init(_ process: Int32) throws {
        folder = "\(Self.parent)/berth-\(UUID().uuidString)"
        guard mkdir(folder, 0o755) == 0 else { throw CocoaError(.fileWriteNoPermission) }
        try write("\(process)", to: "cgroup.procs")
        try write("FROZEN", to: "freezer.state")
    }

    func thaw() {
        try? write("THAWED", to: "freezer.state")
    }

    func remove() {
        thaw()
        rmdir(folder)
    }

    private func write(_ text: String, to file: String) throws {
        let handle = try FileHandle(forWritingTo: URL(fileURLWithPath: "\(folder)/\(file)"))
        try handle.write(contentsOf: Data(text.utf8))
        try handle.close()
    }
}
