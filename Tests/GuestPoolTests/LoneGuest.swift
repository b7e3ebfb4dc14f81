import CGuestWire.Shims
import Foundation
import JobModel
import Logging
import TestSupport

@testable import GuestPool

/// A guest without a pool: its process is a real one, and what it is taken to have said is for the test to say.
struct LoneGuest {
    let guest: Guest
    let turn = Turn()
    private let marker = UUID().uuidString

    init(_ spec: GuestSpec) throws {
        let scratch = FileManager.default.temporaryDirectory.appendingPathComponent("berth-\(marker)").path
        try ScratchFolder.prepare(scratch)
        let program = try GuestProgram(
            GuestPool.Configuration(
                program: Checkout.products.appendingPathComponent("berth-guest").path, scratch: scratch, marker: marker)
        )
        var logger = Logger(label: "test")
        logger.logLevel = .critical
        guest = try Guest(
            number: 1, id: GuestSpecID(rawValue: 0), spec: spec, program: program, epoll: Epoll(),
            loadTime: .seconds(60), logger: logger, now: .now())
    }

    /// Ends the process and removes what it had.
    func close() {
        guest.process.signal(SIGKILL)
        var end = pollfd(fd: guest.process.pidfd, events: Int16(POLLIN), revents: 0)
        poll(&end, 1, 60_000)
        _ = guest.process.reap()
        guest.process.close()
        ScratchFolder.waitForRemovals()
        try? FileManager.default.removeItem(
            at: FileManager.default.temporaryDirectory.appendingPathComponent("berth-\(marker)"))
    }
}
