import CGuestWire
import Testing

struct FrameDecoderTests {
    private static let talk: [UInt8] =
        FrameBytes.setup(places: [(1, "/usr/share"), (3, "/tmp/scratch")])
        + FrameBytes.load(path: "/staged/a/plugin.so")
        + FrameBytes.run(call: 1, job: "nightly", trace: "00-aa-bb-01", params: "{\"a\":1}")
        + FrameBytes.run(call: 2) + FrameBytes.cancel(call: 2)
        + FrameBytes.run(call: 3, params: String(repeating: "p", count: 300))
        + FrameBytes.answer(call: 1, payload: [1, 2, 3])
        + FrameBytes.answer(call: 1, payload: [1, 2], announced: 4, flags: GW_MORE)
        + FrameBytes.frame(GW_ANSWER, call: 1, body: [3, 4]) + FrameBytes.frame(GW_BYE)

    @Test func `Any split of a stream gives the same messages`() {
        let whole = Transcript(of: Self.talk)
        #expect(whole.messages.count == 9)
        #expect(whole.breach == nil)
        #expect(Transcript(of: Self.talk, nextSize: { 1 }) == whole)
        var numbers = SeededNumbers(seed: 1)
        for _ in 0..<100 {
            #expect(Transcript(of: Self.talk, nextSize: { Int.random(in: 1...200, using: &numbers) }) == whole)
        }
    }

    @Test func `Bytes changed at random give the same messages or the same breach in any split`() {
        var numbers = SeededNumbers(seed: 2)
        var breaches: Set<String> = []
        for _ in 0..<2000 {
            var stream = Self.talk
            for _ in 0..<Int.random(in: 1...4, using: &numbers) {
                stream[Int.random(in: 0..<stream.count, using: &numbers)] = UInt8.random(in: 0...255, using: &numbers)
            }
            let whole = Transcript(of: stream)
            #expect(Transcript(of: stream, nextSize: { Int.random(in: 1...400, using: &numbers) }) == whole)
            if let breach = whole.breach {
                breaches.insert("\(breach)")
            }
        }
        #expect(breaches.isSuperset(of: ["magic", "kind", "length", "slot", "call", "flags", "body"]))
    }

    @Test func `Noise is refused`() {
        var numbers = SeededNumbers(seed: 3)
        for _ in 0..<500 {
            let noise = (0..<64).map { _ in UInt8.random(in: 0...255, using: &numbers) }
            #expect(Transcript(of: noise).breach == .magic)
        }
    }

    @Test func `The largest frame passes and one byte more does not`() {
        let head = FrameBytes.setup() + FrameBytes.load(path: "/p")
        let room = Int(GW_BODY_LIMIT) - MemoryLayout<gw_run>.size
        let largest = FrameBytes.run(call: 1, params: String(repeating: "x", count: room))
        #expect(Transcript(of: head + largest + largest + largest + largest + largest).messages.count == 7)
        let tooLarge = FrameBytes.run(call: 1, params: String(repeating: "x", count: room + 1))
        #expect(Transcript(of: head + tooLarge).breach == .length)
    }

    @Test func `A frame about an attempt names it and one about the guest does not`() {
        #expect(Transcript(of: FrameBytes.frame(GW_RUN)).breach == .call)
        #expect(Transcript(of: FrameBytes.frame(GW_BYE, call: 1)).breach == .call)
    }

    @Test func `Slots beyond the page and flags nobody knows are refused`() {
        #expect(Transcript(of: FrameBytes.frame(GW_RUN, slot: GW_SLOTS, call: 1)).breach == .slot)
        #expect(Transcript(of: FrameBytes.frame(GW_RUN, call: 1, flags: 2)).breach == .flags)
        #expect(Transcript(of: FrameBytes.frame(GW_LOAD, flags: GW_MORE)).breach == .flags)
    }
}
