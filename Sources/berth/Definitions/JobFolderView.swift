import Foundation
import PluginCatalog

/// What was last seen of the files in the jobs folder, and what became of them since.
struct JobFolderView {
    enum Change {
        case read(JobFile.Content)
        case broken(YAMLError)
        case gone
    }

    /// Larger files are refused unread.
    static let largest = 16 << 20

    private var known: [String: FileStamp] = [:]

    /// What has changed, by name. Files that are being written wait for a later look. Throws when the folder cannot be
    /// read; a folder that is not there is one without files if `mayBeMissing`.
    mutating func changes(
        in folder: String, beingWritten: Set<String>, mayBeMissing: Bool
    ) throws -> [String: Change] {
        var changes: [String: Change] = [:]
        let names = try Self.candidates(folder, mayBeMissing)
        for name in known.keys where !names.contains(name) { changes[name] = .gone }
        for name in changes.keys { known[name] = nil }
        for name in names where !beingWritten.contains(name) {
            // One that goes away between the listing and now is seen to be gone next time.
            guard let stamp = FileStamp(followingLinks: "\(folder)/\(name)"), stamp.isFile, known[name] != stamp else {
                continue
            }
            known[name] = stamp
            changes[name] = Self.read("\(folder)/\(name)", stamp)
        }
        return changes
    }

    private static func candidates(_ folder: String, _ mayBeMissing: Bool) throws -> Set<String> {
        do {
            let names = try FileManager.default.contentsOfDirectory(atPath: folder)
            return Set(names.filter { !$0.hasPrefix(".") && ($0.hasSuffix(".yaml") || $0.hasSuffix(".yml")) })
        } catch let error as CocoaError where error.code == .fileReadNoSuchFile && mayBeMissing {
            return []
        }
    }

    private static func read(_ path: String, _ stamp: FileStamp) -> Change {
        guard stamp.size <= largest else {
            return .broken(YAMLError(line: nil, reason: "the file is larger than \(largest >> 20) MiB; split it"))
        }
        guard let data = TextFile.bytes(path) else {
            return .broken(YAMLError(line: nil, reason: "the file cannot be read; see its mode and owner"))
        }
        guard let text = String(validating: data, as: UTF8.self) else {
            return .broken(YAMLError(line: nil, reason: "the file is not UTF-8"))
        }
        do { return .read(try JobFile.content(of: text)) } catch { return .broken(error) }
    }
}
