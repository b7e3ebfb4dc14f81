import Foundation

/// The folder a host keeps everything in; only its owner sees inside.
struct HomeFolder: Hashable {
    let path: String

    var lockFile: String { path + "/lock" }
    var socket: String { path + "/berth.sock" }
    var inbox: String { path + "/inbox.db" }
    var tokenFile: String { path + "/token" }
    var staged: String { path + "/staged" }
    var scratch: String { path + "/scratch" }

    /// Longest path a Unix socket can have on Linux: sun_path less its end.
    static let longestSocketPath = 107

    /// Makes the folder when it is missing, and refuses one in which a host cannot live.
    func prepare() throws(Failure) {
        guard socket.utf8.count <= Self.longestSocketPath else {
            throw Failure(
                .usage,
                "The socket \(socket) would have a path of \(socket.utf8.count) bytes, and Linux allows "
                    + "\(Self.longestSocketPath); choose a shorter home folder with --home.")
        }
        try refuseForeign()
        umask(0o077)
        for folder in [path, staged, scratch] { try Self.make(folder) }
        guard chmod(path, 0o700) == 0 else {
            throw Failure(.unavailable, "The mode of \(path) cannot be set: \(Self.reason).")
        }
        try FileSystem(of: path).check(for: path)
    }

    /// A folder of somebody else's files would be closed to them.
    private func refuseForeign() throws(Failure) {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: path)) ?? []
        guard !names.isEmpty, Self.signs.isDisjoint(with: names) else { return }
        throw Failure(
            .usage,
            "\(path) holds \(names.count) other files and is no home of a host; "
                + "give one that is new or empty with --home, such as \(path)/berth.")
    }

    /// One of these is in every home that was used or made ready.
    private static let signs: Set = ["berth.db", "berth.yaml", "jobs", "lock", "plugins", "scratch", "token"]

    private static func make(_ folder: String) throws(Failure) {
        do {
            try FileManager.default.createDirectory(
                atPath: folder, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        } catch {
            throw Failure(.unavailable, "The folder \(folder) cannot be made: \(reason). Choose another with --home.")
        }
    }

    /// What the system says of the call that just failed.
    static var reason: String { String(cString: strerror(errno)) }

    /// Tells this home from every other on the machine, and stays the same from one host to the next.
    var marker: String {
        var facts = stat()
        guard stat(path, &facts) == 0 else { return "berth-home" }
        return "berth-\(facts.st_dev)-\(facts.st_ino)"
    }
}
