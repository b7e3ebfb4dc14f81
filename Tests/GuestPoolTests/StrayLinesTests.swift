import CGuestWire
import JobModel
import Testing

@testable import GuestPool

/// Log lines that belong to no attempt.
struct StrayLinesTests {
    @Test(arguments: [0, 4] as [UInt64])
    func `A guest that goes on logging for no attempt is ended, and none is charged`(call: UInt64) throws {
        let lone = try LoneGuest(GuestSpec(library: "/none", digest: "none"))
        defer { lone.close() }
        let guest = lone.guest
        (guest.phase, guest.lastCall) = (.ready, 4)
        lone.turn.now = .now()
        let frame = try Self.frame(call)
        lone.turn.frames = Array(repeating: frame, count: StrayLines.mostDropped)
        guest.hear(lone.turn, nil)
        #expect(guest.phase == .ready)
        lone.turn.frames = Array(repeating: frame, count: LogGate.linesPerSecond + 1)
        guest.hear(lone.turn, nil)
        let words = "more than 100000 log lines of no attempt within a minute"
        #expect(guest.phase == .doomed(.violation(ProtocolViolation(words))))
        #expect(lone.turn.takeEvents().isEmpty)
    }

    @Test func `What is beyond the rate now and then is dropped and forgotten`() throws {
        var lines = StrayLines()
        for minute: Int64 in 0..<10 {
            let now = minute * 60_000_000_000
            var admitted = 0
            for _ in 0..<StrayLines.mostDropped where try lines.admit(bytes: 10, now: now) { admitted += 1 }
            #expect(admitted == LogGate.linesPerSecond)
        }
    }

    private static func frame(_ call: UInt64) throws -> GuestFrame {
        let log = gw_log(unix_ns: 0, level: 2, text_length: 4)
        let bytes = WireSample.frame(
            GW_LOG, call: call, body: withUnsafeBytes(of: log) { Array($0) } + Array("late".utf8))
        var (reader, frames) = (FrameReader(), [GuestFrame]())
        try bytes.withUnsafeBytes { try reader.read($0, into: &frames) }
        return try #require(frames.first)
    }
}
