import BerthPlugin
import Foundation
import Testing

@testable import Checksum

@Suite(.serialized) struct ChecksumTests {
    private let plugin: berth_plugin
    private let folder: URL

    init() throws {
        plugin = try #require(FakeHost.load(entry))
        folder = FileManager.default.temporaryDirectory.appendingPathComponent("berth-checksum-\(UUID())")
        let inner = folder.appendingPathComponent("inner")
        try FileManager.default.createDirectory(at: inner, withIntermediateDirectories: true)
        try Data("abc".utf8).write(to: folder.appendingPathComponent("a.txt"))
        try Data(repeating: 0x61, count: 1_000_000).write(to: inner.appendingPathComponent("million"))
    }

    @Test func `digests are those of sha256sum for every length around a block`() throws {
        for length in [0, 1, 3, 55, 56, 63, 64, 65, 119, 120, 127, 128, 1000] {
            let bytes = (0..<length).map { UInt8(truncatingIfNeeded: $0 &* 7) }
            let file = folder.appendingPathComponent("length")
            try Data(bytes).write(to: file)
            #expect(sha256(bytes, in: max(1, length / 3)) == (try sha256sum(file)), "\(length) bytes")
        }
    }

    @Test func `known digests`() {
        #expect(sha256([], in: 1) == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855")
        #expect(sha256(Array("abc".utf8), in: 3) == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")
    }

    @Test func `a manifest names every file`() throws {
        let attempt = FakeAttempt()
        #expect(attempt.run(plugin, "manifest", #"{"path":"\#(folder.path)"}"#) == BERTH_OK, "\(attempt.record.error)")
        let output = try JSON(parsing: attempt.record.output)
        #expect(output["count"] == 2)
        #expect(output["bytes"] == 1_000_003)
        let million = try sha256sum(folder.appendingPathComponent("inner/million"))
        #expect(output["files"]?["inner/million"] == .string(million))
        #expect(attempt.record.progress.done == 1_000_003)
    }

    @Test func `what changed, went and came is told`() throws {
        let before = FakeAttempt()
        #expect(before.run(plugin, "manifest", #"{"path":"\#(folder.path)"}"#) == BERTH_OK)
        try Data("abd".utf8).write(to: folder.appendingPathComponent("a.txt"))
        try Data().write(to: folder.appendingPathComponent("new"))
        try FileManager.default.removeItem(at: folder.appendingPathComponent("inner/million"))
        let after = FakeAttempt()
        let params = #"{"path":"\#(folder.path)","manifest":\#(before.output)}"#
        #expect(after.run(plugin, "verify", params) == BERTH_OK, "\(after.record.error)")
        let expected = #"{"changed":["a.txt"],"intact":false,"missing":["inner/million"],"new":["new"],"unchanged":0}"#
        #expect(after.output == expected)
    }

    @Test func `a file of sha256sum lines is a manifest too`() throws {
        let digests = try ["a.txt", "inner/million"].map { name in
            try sha256sum(folder.appendingPathComponent(name)) + "  ./" + name + "\n"
        }
        let manifest = FileManager.default.temporaryDirectory.appendingPathComponent("berth-sums-\(UUID())")
        try Data(digests.joined().utf8).write(to: manifest)
        let attempt = FakeAttempt()
        let params = #"{"path":"\#(folder.path)","manifest":"\#(manifest.path)"}"#
        #expect(attempt.run(plugin, "verify", params) == BERTH_OK, "\(attempt.record.error)")
        #expect(attempt.output.contains(#""intact":true"#))
    }

    @Test(arguments: [
        ("manifest", "{}", BERTH_FAIL_PARAMS), ("manifest", #"{"path":"/no/such"}"#, BERTH_FAIL_INPUT),
        ("verify", #"{"path":"/tmp"}"#, BERTH_FAIL_PARAMS),
        ("verify", #"{"path":"/tmp","manifest":{"a":"b"}}"#, BERTH_FAIL_PARAMS),
        ("verify", #"{"path":"/tmp","manifest":"/etc/passwd"}"#, BERTH_FAIL_INPUT), ("verify", "no", BERTH_FAIL_PARAMS),
    ])
    func `nonsense is refused with a reason`(component: String, params: String, code: berth_status) {
        let attempt = FakeAttempt()
        #expect(attempt.run(plugin, component, params) == code)
        #expect(!attempt.record.error.isEmpty)
    }

    @Test func `a cancelled attempt ends as cancelled`() {
        let attempt = FakeAttempt()
        attempt.ask()
        #expect(attempt.run(plugin, "manifest", #"{"path":"\#(folder.path)"}"#) == BERTH_CANCELLED)
    }

    private func sha256(_ bytes: [UInt8], in piece: Int) -> String {
        var hash = SHA256()
        for start in stride(from: 0, to: bytes.count, by: piece) {
            bytes[start..<min(start + piece, bytes.count)].withUnsafeBytes { hash.add($0) }
        }
        return hash.finish()
    }

    private func sha256sum(_ file: URL) throws -> String {
        let program = Process()
        program.executableURL = URL(fileURLWithPath: "/usr/bin/sha256sum")
        program.arguments = [file.path]
        let pipe = Pipe()
        program.standardOutput = pipe
        try program.run()
        program.waitUntilExit()
        return String(decoding: pipe.fileHandleForReading.readDataToEndOfFile().prefix(64), as: UTF8.self)
    }
}
