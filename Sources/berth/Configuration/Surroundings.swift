import Foundation

/// What words of the configuration are read against.
struct Surroundings {
    /// The host's variables.
    var environment: [String: String] = [:]
    /// Where relative paths count from: the folder of the file they stand in.
    var folder = FileManager.default.currentDirectoryPath

    func path(_ text: String) -> String { AbsolutePath.of(text, from: folder) }
}
