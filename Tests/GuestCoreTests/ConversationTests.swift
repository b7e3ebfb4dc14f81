import CGuestWire
import Testing

struct ConversationTests {
    private static let loaded = FrameBytes.setup() + FrameBytes.load(path: "/p.so")

    @Test(arguments: [
        FrameBytes.load(path: "/p.so"), FrameBytes.run(call: 1), FrameBytes.cancel(call: 1), FrameBytes.frame(GW_BYE),
        FrameBytes.setup() + FrameBytes.setup(), FrameBytes.setup() + FrameBytes.run(call: 1),
        loaded + FrameBytes.load(path: "/p.so"), loaded + FrameBytes.frame(GW_BYE) + FrameBytes.run(call: 1),
    ])
    func `Frames out of order are a breach`(stream: [UInt8]) {
        #expect(Transcript(of: stream).breach == .order)
    }

    @Test func `A running attempt can be cancelled after the goodbye`() {
        let stream = Self.loaded + FrameBytes.run(call: 1) + FrameBytes.frame(GW_BYE) + FrameBytes.cancel(call: 1)
        #expect(Transcript(of: stream).breach == nil)
    }

    @Test func `An answer in pieces that are too many, too few, or interrupted is a breach`() {
        let begun = FrameBytes.answer(call: 1, payload: [1, 2], announced: 4, flags: GW_MORE)
        let short = begun + FrameBytes.frame(GW_ANSWER, call: 1, body: [3])
        #expect(Transcript(of: Self.loaded + short).breach == .body)
        let long = begun + FrameBytes.frame(GW_ANSWER, call: 1, body: [3, 4, 5])
        #expect(Transcript(of: Self.loaded + long).breach == .body)
        #expect(Transcript(of: Self.loaded + begun + FrameBytes.cancel(call: 1)).breach == .order)
        #expect(Transcript(of: Self.loaded + begun + FrameBytes.answer(call: 2)).breach == .order)
        #expect(Transcript(of: Self.loaded + FrameBytes.answer(call: 1, payload: [1], announced: 0)).breach == .body)
        let absurd = FrameBytes.answer(call: 1, announced: Conversation.payloadLimit + 1, flags: GW_MORE)
        #expect(Transcript(of: Self.loaded + absurd).breach == .length)
    }

    @Test func `Setup gives limits and places`() throws {
        let stream = FrameBytes.setup(wanted: 2, places: [(1, "/a"), (7, "/b/c")])
        guard case .setup(let order) = try message(of: stream) else {
            Issue.record("no setup")
            return
        }
        #expect(order.limits.wanted == 2)
        #expect(order.places.map(\.access) == [1, 7])
        #expect(order.places.map(\.path) == [Array("/a".utf8) + [0], Array("/b/c".utf8) + [0]])
    }

    @Test func `A path without its end or a count without its paths is a breach`() {
        var setup = gw_setup()
        setup.path_count = 1
        let head = FrameBytes.bytes(of: setup)
        for body in [head, head + [1], head + [1, 0], head + [1, 65], head + [1, 65, 0, 1]] {
            #expect(Transcript(of: FrameBytes.frame(GW_SETUP, body: body)).breach == .body)
        }
        #expect(Transcript(of: FrameBytes.frame(GW_SETUP, body: Array(head.dropLast()))).breach == .body)
    }

    @Test func `A library path with a NUL inside is a breach`() {
        #expect(Transcript(of: FrameBytes.setup() + FrameBytes.load(path: "/p\0.so")).breach == .body)
        #expect(Transcript(of: FrameBytes.setup() + FrameBytes.load(path: "")).breach == .body)
    }

    @Test func `Secrets come out as they went in, and a row that is cut off is a breach`() throws {
        let stream =
            FrameBytes.setup() + FrameBytes.load(path: "/p", secrets: ["token": "s3cret"], flags: GW_LOAD_PROBE)
        guard case .load(let order) = try message(of: stream) else {
            Issue.record("no load")
            return
        }
        #expect(order.isProbe)
        #expect(order.secrets.map(\.name) == [Array("token".utf8)])
        #expect(order.secrets.map(\.value) == [Array("s3cret".utf8)])
        let lengths = gw_load(path_length: 2, configuration_length: 0, secrets_length: 9, flags: 0)
        let head = gw_secret(name_length: 1, value_length: 1)
        let body = FrameBytes.bytes(of: lengths) + Array("/p".utf8) + FrameBytes.bytes(of: head) + [65]
        #expect(Transcript(of: FrameBytes.setup() + FrameBytes.frame(GW_LOAD, body: body)).breach == .body)
        #expect(Transcript(of: FrameBytes.setup() + FrameBytes.load(path: "/p", flags: 2)).breach == .body)
    }

    @Test func `Params in pieces become one attempt`() throws {
        let params = (0..<200_000).map { UInt8(truncatingIfNeeded: $0 &* 7) }
        let pieces = Self.pieces(of: params, order: FrameBytes.order(job: "job", params: params.count), job: "job")
        guard case .run(let attempt) = try message(of: Self.loaded + pieces) else {
            Issue.record("no run")
            return
        }
        #expect(attempt.call == 9)
        #expect(attempt.texts[..<attempt.jobEnd] == Array("job".utf8)[...])
        #expect(Array(attempt.texts[attempt.traceEnd...]) == params)
    }

    @Test func `Pieces that are too many, too few, or interrupted are a breach`() {
        let params = [UInt8](repeating: 1, count: 100_000)
        let short = Self.pieces(of: params, order: FrameBytes.order(params: params.count + 1), job: "")
        #expect(Transcript(of: Self.loaded + short).breach == .body)
        let long = Self.pieces(of: params, order: FrameBytes.order(params: params.count - 1), job: "")
        #expect(Transcript(of: Self.loaded + long).breach == .body)
        let first = FrameBytes.frame(
            GW_RUN, call: 1, flags: GW_MORE, body: FrameBytes.bytes(of: FrameBytes.order(params: 5)))
        #expect(Transcript(of: Self.loaded + first + FrameBytes.cancel(call: 1)).breach == .order)
        #expect(Transcript(of: Self.loaded + first + FrameBytes.run(call: 2)).breach == .order)
    }

    @Test func `Params longer than any host sends are refused before they come`() {
        let order = FrameBytes.order(params: Conversation.payloadLimit + 1)
        let first = FrameBytes.frame(GW_RUN, call: 1, flags: GW_MORE, body: FrameBytes.bytes(of: order))
        #expect(Transcript(of: Self.loaded + first).breach == .length)
    }

    @Test func `A cancel of no known level is a breach`() {
        for level: UInt32 in [0, 3] {
            #expect(Transcript(of: Self.loaded + FrameBytes.cancel(call: 1, level: level)).breach == .body)
        }
    }

    /// The last message of a stream without a breach.
    private func message(of stream: [UInt8]) throws -> HostMessage? {
        var decoder = FrameDecoder()
        var conversation = Conversation()
        var last: HostMessage?
        var rest = stream[...]
        while !rest.isEmpty {
            let space = decoder.space()
            let piece = rest.prefix(space.count)
            space.copyBytes(from: piece)
            decoder.fed(piece.count)
            rest = rest.dropFirst(piece.count)
            while let frame = try decoder.next() {
                last = try conversation.take(frame) ?? last
            }
        }
        return last
    }

    private static func pieces(of params: [UInt8], order: gw_run, job: String) -> [UInt8] {
        let whole = FrameBytes.bytes(of: order) + Array(job.utf8) + params
        let limit = Int(GW_BODY_LIMIT)
        return stride(from: 0, to: whole.count, by: limit).flatMap { start in
            let end = min(start + limit, whole.count)
            let flags = end < whole.count ? GW_MORE : 0
            return FrameBytes.frame(GW_RUN, call: 9, flags: flags, body: Array(whole[start..<end]))
        }
    }
}
