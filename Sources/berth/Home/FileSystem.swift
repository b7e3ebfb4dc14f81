import CLinux
import Foundation

/// What the file system under a folder is like.
struct FileSystem: Hashable {
    /// `NFS` …; nil for one on this machine.
    var networkName: String?
    var isNoExec: Bool

    /// Magic numbers of statfs(2).
    private static let networkNames: [UInt32: String] = [
        0x6969: "NFS", 0xFF53_4D42: "CIFS", 0xFE53_4D42: "SMB", 0x517B: "SMB", 0x00C3_6400: "Ceph", 0x0102_1997: "9P",
        0x5346_414F: "AFS", 0x6B41_4653: "AFS",
    ]

    init(networkName: String?, isNoExec: Bool) {
        self.networkName = networkName
        self.isNoExec = isNoExec
    }

    init(of path: String) throws(Failure) {
        var type: Int64 = 0
        let noExec = berth_file_system(path, &type)
        guard noExec >= 0 else {
            throw Failure(
                .unavailable, "The file system of \(path) cannot be asked: \(String(cString: strerror(-noExec))).")
        }
        networkName = Self.networkNames[UInt32(truncatingIfNeeded: type)]
        isNoExec = noExec == 1
    }

    func check(for path: String) throws(Failure) {
        if let networkName {
            throw Failure(
                .usage,
                "\(path) is on a network file system (\(networkName)), where SQLite's log and locks cannot be trusted; "
                    + "choose a home folder on a local disk with --home.")
        }
        guard !isNoExec else {
            throw Failure(
                .usage,
                "\(path) is mounted noexec, so plugins cannot be loaded from it; choose another home folder with --home."
            )
        }
    }
}
