import CGuestWire
import JobModel
import Testing

@testable import GuestPool

struct ChildReaderTests {
    private static let row = WireSample.child("first", "{\"a\":1}") + WireSample.child("", "{}")

    @Test func `Children come out as they went in, however their bytes are split`() throws {
        let wanted = [
            ChildOrder(label: "first", params: Array("{\"a\":1}".utf8)), ChildOrder(params: Array("{}".utf8)),
        ]
        for cut in 0...Self.row.count {
            #expect(try read([Array(Self.row[..<cut]), Array(Self.row[cut...])], announced: 2) == wanted)
        }
    }

    @Test func `A row that is cut off, longer than announced, or larger than allowed is refused`() {
        for count in 1..<Self.row.count {
            #expect(throws: ProtocolViolation.self) { try read([Array(Self.row[..<count])], announced: 2) }
        }
        #expect(throws: ProtocolViolation.self) { try read([Self.row], announced: 3) }
        #expect(throws: ProtocolViolation.self) { try read([], announced: GW_CHILDREN_LIMIT + 1) }
        let long = String(repeating: "x", count: Int(GW_CHILD_NAME_LIMIT) + 1)
        #expect(throws: ProtocolViolation.self) { try read([WireSample.child(long, "{}")], announced: 1) }
    }

    @Test func `Mutated rows never trap`() {
        var random = SeededGenerator(seed: 0xc411d)
        var refused = 0
        for _ in 0..<4000 {
            var bytes = Self.row
            bytes[Int.random(in: bytes.indices, using: &random)] = UInt8.random(in: 0...255, using: &random)
            if (try? read([bytes], announced: 2)) == nil { refused += 1 }
        }
        #expect(refused > 500)
    }

    private func read(_ pieces: [[UInt8]], announced: UInt32) throws -> [ChildOrder] {
        var reader = ChildReader()
        for piece in pieces { try reader.append(piece) }
        return try reader.children(announced: announced)
    }
}

struct AskReaderTests {
    @Test func `Questions are read, in pieces too`() throws {
        let put = WireSample.ask(GW_ASK_PUT, key: "key", value: [1, 2, 3], number: 9)
        for cut in 0...put.count {
            let question = try read([Array(put[..<cut]), Array(put[cut...])])
            #expect(question == .engine(.put(key: Array("key".utf8), value: [1, 2, 3], ifVersion: 9)))
        }
        #expect(try read([WireSample.ask(GW_ASK_RESULTS, number: 5)]) == .engine(.results(from: 5)))
        #expect(try read([WireSample.ask(GW_ASK_EXTEND, number: 1500)]) == .time(more: .milliseconds(1500)))
    }

    @Test(arguments: [
        WireSample.ask(0), WireSample.ask(9), WireSample.ask(GW_ASK_GET), WireSample.ask(GW_ASK_PUT, value: [1]),
        WireSample.ask(GW_ASK_GET, key: "k", value: [1]), WireSample.ask(GW_ASK_RESULTS, key: "k"),
        WireSample.ask(GW_ASK_RESULTS, number: .max), WireSample.ask(GW_ASK_EXTEND, number: 1 << 40),
        WireSample.ask(GW_ASK_GET, key: String(repeating: "k", count: Int(GW_KEY_LIMIT) + 1)),
        WireSample.ask(GW_ASK_GET, key: "k") + [0], Array(WireSample.ask(GW_ASK_GET, key: "k").dropLast()), [],
    ])
    func `A question that breaks the layout or its own limits is refused`(bytes: [UInt8]) {
        #expect(throws: ProtocolViolation.self) { try read([bytes]) }
    }

    @Test func `A value larger than any plugin may store is refused before all of it has come`() {
        var reader = AskReader()
        #expect(throws: ProtocolViolation.self) {
            for _ in 0..<10 { try reader.append([UInt8](repeating: 0, count: Int(GW_BODY_LIMIT))) }
        }
    }

    @Test func `Mutated questions never trap`() {
        var random = SeededGenerator(seed: 0xa5c)
        var refused = 0
        for _ in 0..<4000 {
            var bytes = WireSample.ask(GW_ASK_PUT, key: "key", value: [1, 2, 3])
            bytes[Int.random(in: bytes.indices, using: &random)] = UInt8.random(in: 0...255, using: &random)
            if (try? read([bytes])) == nil { refused += 1 }
        }
        #expect(refused > 500)
    }

    private func read(_ pieces: [[UInt8]]) throws -> AskReader.Question {
        var reader = AskReader()
        for piece in pieces { try reader.append(piece) }
        return try reader.question()
    }
}
