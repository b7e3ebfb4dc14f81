import Foundation

/// A home folder of its own, with what a host expects to find in one.
struct BenchHome: Sendable {
    let url: URL

    init(_ options: BenchOptions) throws {
        url = options.scratch.appendingPathComponent("home-\(UUID().uuidString)")
        for folder in ["scratch", "staged"] {
            try FileManager.default.createDirectory(
                at: url.appendingPathComponent(folder), withIntermediateDirectories: true)
        }
        chmod(url.path, 0o700)
    }

    func remove() {
        try? FileManager.default.removeItem(at: url)
    }
}
