import JobModel

import Testing

@testable import PluginCatalog
@testable import Upstreams

struct EventFramingTests {
    static let worker = WorkerIdentity(
        id: "11111111-2222-4333-8444-555555555555", name: "swift-w1", description: "cronjob worker",
        categories: ["command", "http"])
    static let task = "aaaaaaaa-bbbb-4ccc-8ddd-eeeeeeeeeeee"

    @Test func `the registration is byte for byte that of the original`() {
        let event = EventFraming.frame(WorkerEvent.registration(of: Self.worker, key: "k-test").json)
        #expect(event.count == 316)
        #expect(Digest.of(event) == "49321e1385d3db0db31d7982c9463fc7485ddfa227daa557348806c288463e54")
    }

    @Test func `the report of a start is byte for byte that of the original`() throws {
        let at = try #require(Instant(rfc3339: "2026-01-02T03:04:05Z"))
        let report = TaskUpdate.started(by: Self.worker, at: at)
        let event = EventFraming.frame(WorkerEvent.update(Self.task, report, by: Self.worker, key: "k-test").json)
        #expect(event.count == 320)
        #expect(Digest.of(event) == "328d9c371055c97f95b2ee447a736eb44e7371321519b1f6bdf1fb0a15bf93a1")
    }

    @Test func `the report of an end is byte for byte that of the original, in messages that are UTF-8`() throws {
        let event = EventFraming.frame(try longReport())
        #expect(event.count == 2717)
        #expect(Digest.of(event) == "accc3e5e3b34ba3edcf00781c278dd2d430c89a0e11110e8c5f7ad5ffa67bc6f")
        let asTheOriginal = EventFraming.messages(of: event, most: 512)
        #expect(asTheOriginal.count == 6)
        #expect(asTheOriginal.joined().elementsEqual(event))
        for message in asTheOriginal { #expect(String(validating: message, as: UTF8.self) != nil) }
        #expect(EventFraming.messages(of: event).count == 1)
    }

    @Test func `no message is longer than the server takes, whatever is in it`() throws {
        let bytes = EventFraming.frame(Array(String(repeating: "中😀a", count: 20_000).utf8))
        let messages = EventFraming.messages(of: bytes)
        #expect(messages.count > 1 && messages.allSatisfy { $0.count <= 10_240 && !$0.isEmpty })
        #expect(messages.joined().elementsEqual(bytes))
        for message in messages { #expect(String(validating: message, as: UTF8.self) != nil) }
        let junk = [UInt8](repeating: 0x80, count: 30_000)
        #expect(EventFraming.messages(of: junk).joined().elementsEqual(junk))
        #expect(EventFraming.messages(of: junk).allSatisfy { $0.count <= EventFraming.longestMessage })
    }

    /// Vector V3.
    private func longReport() throws -> [UInt8] {
        let printed = String(repeating: "中", count: 400) + "\n"
        let at = try #require(Instant(rfc3339: "2026-01-02T03:04:05Z"))
        let end = TaskEnd(
            status: .success, output: TaskOutput(of: printed, succeeded: true), log: printed, error: "",
            milliseconds: 12, exitCode: 0, at: at)
        return WorkerEvent.update(Self.task, .finished(end), by: Self.worker, key: "k-test").json
    }
}
