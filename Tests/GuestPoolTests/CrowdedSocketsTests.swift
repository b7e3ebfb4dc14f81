import CGuestWire.Shims
import Glibc
import JobModel
import Testing

@testable import GuestPool

/// The kernel counts descriptors that were sent and not received for all processes of a user, and lets nobody send one
/// while there are more than the sender may have open.
struct CrowdedSocketsTests {
    @Test func `Descriptors on their way, more than a guest may have, keep no guest from starting`() async throws {
        let crowd = try Crowd(count: 600)
        defer { crowd.leave() }
        try await PoolFixture.with { fixture in
            let end = try await fixture.end(of: fixture.order(1, "noop"))
            #expect(end.outcome == .succeeded)
        }
    }
}

/// Descriptors that were sent through sockets and are never received.
private struct Crowd {
    private let sockets: [Int32]

    /// A socket takes about two hundred messages.
    init(count: Int) throws {
        var sockets: [Int32] = []
        for _ in 0..<(count / 100) {
            var pair: [Int32] = [-1, -1]
            let made = socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0, &pair)
            try #require(made == 0)
            sockets += pair
            for _ in 0..<100 {
                var byte: UInt8 = 0
                let sent = guest_send_descriptor(pair[0], &byte, 1, pair[1])
                try #require(sent == 1)
            }
        }
        self.sockets = sockets
    }

    func leave() { for socket in sockets { close(socket) } }
}
