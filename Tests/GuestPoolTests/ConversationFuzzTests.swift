import CGuestWire
import CLinux
import Foundation
import JobModel
import TestSupport
import Testing

@testable import GuestPool

/// What lies behind the decoder: frames that are well made and say what is not so, in any order, while something is
/// printed and the shared page is overwritten.
struct ConversationFuzzTests {
    @Test func `Whatever frames a guest sends, each attempt it has ends once, and the host goes on`() throws {
        var fuzzing = try Fuzzing("conversation", samples: Self.samples)
        var stage = try Stage()
        defer { stage.close() }
        let (_, answers) = try fuzzing.run(count: 4000) { stage.answer(to: $0) }
        #expect(answers > 20)
    }

    /// The stream in two readings, whose attempts have the numbers that the guest will have given; ends of other calls.
    private static var samples: [[UInt8]] {
        var ends: [[UInt8]] = []
        for call in [0, 1, 6, 7, 8, 9, UInt64(Int64.max), .max - 1, .max] {
            for started: UInt64 in [0, 1, .max] {
                let done = gw_done(
                    code: 0, retry_after_ms: .max, started_ns: started, finished_ns: .max - 1, cpu_ns: .max,
                    output_length: 0, error_length: 0, dropped_logs: .max, child_count: 0, exhausted: .max)
                let body = withUnsafeBytes(of: done) { Array($0) }
                ends.append(WireSample.frame(GW_DONE, call: call, body: body))
            }
        }
        let time = WireSample.frame(
            GW_ASK, call: 7, body: WireSample.ask(GW_ASK_EXTEND, number: UInt64(UInt32.max)))
        return ends + [Array(WireSample.stream.dropFirst(WireSample.hello.count)), time + time + (ends.last ?? [])]
    }
}

/// One guest, which is set back before each input. Its process is not asked.
private struct Stage {
    private let lone: LoneGuest
    private var printed: Int32 = -1
    private var toPrint: Int32 = -1
    private var inputs: UInt64 = 0

    init() throws {
        lone = try LoneGuest(GuestSpec(library: "/none", digest: "none"))
        guard berth_pipe(&printed, &toPrint) >= 0 else { throw GuestPoolError.system(call: "pipe", code: errno) }
    }

    mutating func answer(to bytes: [UInt8]) -> String {
        inputs += 1
        setBack()
        scribble(bytes)
        // The first two thirds come in one turn, the rest in another.
        let cut = bytes.count * 2 / 3
        for piece in [bytes[..<cut], bytes[cut...]] { hear(Array(piece)) }
        let words = "\(lone.guest.phase) \(lone.turn.events.map(Self.word))"
        lone.guest.finish(berth_exit(), lone.turn)
        let ends = lone.turn.takeEvents().compactMap { event in
            switch event {
            case .ended(let key, _), .neverStarted(let key): key.run
            case .asked, .log, .noProcess, .noRoom: nil
            }
        }
        #expect(ends.sorted() == [1, 2, 3], "\(bytes)")
        return words
    }

    /// A ready guest with three attempts, of calls 7 to 9; the last one was taken back.
    private func setBack() {
        let guest = lone.guest
        lone.turn.now = .now()
        while berth_read(printed, lone.turn.buffer.baseAddress, lone.turn.buffer.count) > 0 {}
        (guest.phase, guest.phaseDeadline, guest.isRetiring, guest.failure) = (.ready, .max, false, nil)
        (guest.reader, guest.writer, guest.seats) = (FrameReader(), FrameWriter(), [Seat(0)])
        (guest.lastCall, guest.descriptor) = (6, PluginDescriptor?.none)
        guest.descriptorBytes = []
        for (index, stream) in [LogLine.Stream.stdout, .stderr].enumerated() {
            guest.pipes[index] = GuestOutput(stream, LinePipe(descriptor: printed, nonce: guest.process.nonce))
        }
        for run: RunID in 1...3 {
            let order = AttemptOrder(
                key: AttemptKey(run: run, number: 1), slot: 0, spec: guest.spec, component: 0, rootRun: run,
                params: [], limit: .seconds(60))
            guest.send(order, to: guest.seats[0], at: lone.turn.now)
        }
        _ = guest.end(AttemptKey(run: 3, number: 1), .cancel, at: lone.turn.now)
    }

    /// Text that ends no line, and bytes on the page, where the plugin may write what it likes.
    private func scribble(_ bytes: [UInt8]) {
        let text = inputs % 3 == 0 ? "a line\nand more" : "x"
        _ = text.withCString { write(toPrint, $0, strlen($0)) }
        let page = inputs % 2 == 0 ? [UInt8](repeating: 0xFF, count: 64) : Array(bytes.prefix(256))
        _ = page.withUnsafeBytes { pwrite(lone.guest.process.page.descriptor, $0.baseAddress, $0.count, 0) }
    }

    private func hear(_ piece: [UInt8]) {
        var found: ProtocolViolation?
        lone.turn.frames.removeAll()
        piece.withUnsafeBytes { bytes in
            do throws(ProtocolViolation) {
                try lone.guest.reader.read(bytes, into: &lone.turn.frames)
            } catch {
                found = error
            }
        }
        guard !lone.guest.isDoomed else { return }
        lone.guest.hear(lone.turn, found)
    }

    private static func word(_ event: GuestEvent) -> String {
        switch event {
        case .ended(_, let end): end.outcome.word
        case .neverStarted: "never"
        case .asked(_, let ask): "\(ask)"
        case .log: "log"
        case .noProcess, .noRoom: "none"
        }
    }

    func close() {
        lone.close()
        Glibc.close(printed)
        Glibc.close(toPrint)
    }
}
