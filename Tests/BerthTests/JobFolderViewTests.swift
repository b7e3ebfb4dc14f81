import Foundation
import Glibc
import JobModel
import Testing

@testable import berth

final class JobFolderViewTests {
    private let folder = NSTemporaryDirectory() + "/berth-jobs-\(UUID().uuidString)"
    private var view = JobFolderView()

    init() throws {
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    }

    deinit {
        try? FileManager.default.removeItem(atPath: folder)
    }

    private func write(_ name: String, _ text: String) throws {
        try Data(text.utf8).write(to: URL(fileURLWithPath: "\(folder)/\(name)"))
    }

    /// What became of each file, as a word.
    private func look(beingWritten: Set<String> = []) throws -> [String: String] {
        try view.changes(in: folder, beingWritten: beingWritten, mayBeMissing: false).mapValues { change in
            switch change {
            case .read(let content): content.jobs.map(\.name).joined(separator: " ")
            case .broken(let error): "line \(error.line ?? 0): \(error.reason)"
            case .gone: "gone"
            }
        }
    }

    @Test func `files are read when they are new or changed, and not otherwise`() throws {
        try write("a.yaml", "- {name: a, component: x/y}")
        try write("b.yml", "- {name: b, component: x/y}")
        try write("notes.txt", "nonsense")
        try write(".hidden.yaml", "nonsense")
        #expect(try look() == ["a.yaml": "a", "b.yml": "b"])
        #expect(try look().isEmpty)
        try write("a.yaml", "- {name: c, component: x/y}")
        unlink("\(folder)/b.yml")
        #expect(try look() == ["a.yaml": "c", "b.yml": "gone"])
    }

    @Test func `a mistake comes with its line`() throws {
        try write("a.yaml", "jobs:\n  - name: a\n    component: x/y\n    tiemout: 5s\n")
        let words = try look()["a.yaml"] ?? ""
        #expect(words.hasPrefix("line 4: "))
        #expect(words.contains("did you mean \"timeout\"?"))
    }

    @Test func `a file that is being written waits`() throws {
        try write("a.yaml", "- {name: a, component: x/y}")
        #expect(try look(beingWritten: ["a.yaml"]).isEmpty)
        #expect(try look() == ["a.yaml": "a"])
    }

    @Test func `pipes, folders and links to nowhere are passed over`() throws {
        mkfifo("\(folder)/pipe.yaml", 0o600)
        mkdir("\(folder)/folder.yaml", 0o700)
        symlink("/nonexistent", "\(folder)/nowhere.yaml")
        #expect(try look().isEmpty)
    }

    @Test func `a link is followed`() throws {
        try write("real.txt", "- {name: a, component: x/y}")
        symlink("real.txt", "\(folder)/link.yaml")
        #expect(try look() == ["link.yaml": "a"])
    }

    @Test func `what is no text is refused`() throws {
        try Data([0xff, 0xfe, 0x00]).write(to: URL(fileURLWithPath: "\(folder)/a.yaml"))
        #expect(try look()["a.yaml"] == "line 0: the file is not UTF-8")
    }

    @Test func `a folder that is missing is an error where somebody named it`() throws {
        try FileManager.default.removeItem(atPath: folder)
        #expect(throws: (any Error).self) { try look() }
        #expect(try view.changes(in: folder, beingWritten: [], mayBeMissing: true).isEmpty)
    }

    @Test func `the line of a value is found within its job`() throws {
        let content = try JobFile.content(
            of:
                "jobs:\n  - {name: a, component: x/y}\n  - name: b\n    component: x/y\n    cron: '@daily'\n    zone: Mars/X\n"
        )
        #expect(content.line(of: "b", value: "Mars/X") == 6)
        #expect(content.line(of: "b", value: "elsewhere") == 3)
        #expect(content.line(of: "c", value: "Mars/X") == nil)
        #expect(content.line(ofValue: "Mars/X") == 6)
    }
}
