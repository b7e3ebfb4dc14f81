import CGuestWire.Shims
import Glibc
import TestSupport
import Testing

@testable import GuestPool

struct LastCloseTests {
    @Test func `A close that takes long keeps no other waiting`() async throws {
        let listener = try DeafListener()
        let parcel = try StreamPair()
        let lingering = try listener.lingeringConnection()
        var byte: UInt8 = 0
        let sent = guest_send_descriptor(parcel.sender, &byte, 1, lingering)
        try #require(sent == 1)
        close(lingering)
        close(parcel.sender)
        // With it what was sent to it and never received.
        LastClose.begin([parcel.receiver])
        let pipe = try StreamPair()
        LastClose.begin([-1, pipe.receiver])
        try await eventually("the second is closed") { Self.isClosed(behind: pipe.sender) ? true : nil }
        close(pipe.sender)
        listener.leave()
    }

    @Test func `A socket that lingers, and whose last descriptor it is, waits for nothing`() async throws {
        let listener = try DeafListener()
        defer { listener.leave() }
        let pipe = try StreamPair()
        LastClose.begin([try listener.lingeringConnection(), pipe.receiver])
        try await eventually("what comes behind it is closed") { Self.isClosed(behind: pipe.sender) ? true : nil }
        close(pipe.sender)
    }

    private static func isClosed(behind sender: Int32) -> Bool {
        var watched = pollfd(fd: sender, events: 0, revents: 0)
        return poll(&watched, 1, 0) == 1 && watched.revents & Int16(POLLHUP) != 0
    }
}
