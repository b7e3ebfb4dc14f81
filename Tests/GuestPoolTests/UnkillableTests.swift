import Foundation
import JobModel
import TestSupport
import Testing

@testable import GuestPool

/// A process that SIGKILL does not end: here one that is frozen, where this machine lets us freeze one.
@Suite(.serialized, .enabled(if: Freezer.isThere)) struct UnkillableTests {
    @Test func `A guest that cannot be killed is reported, left alone, and reaped when it ends after all`() async throws
    {
        try await PoolFixture.with(patience: .milliseconds(300)) { fixture in
            fixture.run([try fixture.order(1, "wait-deaf", limit: .milliseconds(400), grace: .milliseconds(50))])
            let guest = try await eventually("it runs") { await fixture.pool.progress().first?.guest }
            let freezer = try Freezer(guest)
            defer { freezer.remove() }
            let end = try await fixture.events.end(of: 1)
            #expect(end.outcome == .crashed(.unkillable))
            #expect(end.evidence?.steps.last?.kind == .unkillable)
            #expect(try await fixture.end(of: fixture.order(2, "noop")).outcome == .succeeded)
            freezer.thaw()
            try await eventually("it is reaped") {
                FileManager.default.fileExists(atPath: "/proc/\(guest)") ? nil : true
            }
        }
    }
}

/// A control group of version 1 in which processes stand still, signals or not.
private struct Freezer {
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
