import CGuestWire
import JobModel
import Testing

@testable import GuestPool

struct FrameReaderTests {
    @Test func `A stream gives the same frames however it is split`() throws {
        let stream = WireSample.stream
        let whole = try read([stream])
        #expect(whole.count == 9)
        for cut in 1..<stream.count {
            #expect(try read([Array(stream[..<cut]), Array(stream[cut...])]) == whole)
        }
        #expect(try read(stream.map { [$0] }) == whole)
    }

    @Test func `Log fields follow the text`() throws {
        let frames = try read([WireSample.stream])
        guard case .log(let call, let entry) = frames[3] else {
            Issue.record("\(frames)")
            return
        }
        #expect(call == 7)
        #expect(entry.text == "text key=value")
    }

    @Test(arguments: [(0, UInt8(0)), (2, 1), (2, 73), (3, 2), (7, 255), (8, 1), (12, 1)])
    func `A header that breaks the layout is refused`(offset: Int, value: UInt8) {
        var bytes = WireSample.hello
        bytes[offset] = value
        #expect(throws: ProtocolViolation.self) { try read([bytes + bytes]) }
    }

    @Test func `Frames before a violation count`() {
        var reader = FrameReader()
        var frames: [GuestFrame] = []
        let bytes = WireSample.hello + [UInt8](repeating: 0, count: 24)
        #expect(throws: ProtocolViolation.self) {
            try bytes.withUnsafeBytes { try reader.read($0, into: &frames) }
        }
        #expect(frames.count == 1)
    }

    @Test func `Mutated streams never trap`() {
        var random = SeededGenerator(seed: 0x5eed)
        var refused = 0
        for _ in 0..<4000 {
            var bytes = WireSample.stream
            for _ in 0..<Int.random(in: 1...4, using: &random) {
                bytes[Int.random(in: bytes.indices, using: &random)] = UInt8.random(in: 0...255, using: &random)
            }
            let cut = Int.random(in: 0...bytes.count, using: &random)
            if (try? read([Array(bytes[..<cut]), Array(bytes[cut...])])) == nil { refused += 1 }
        }
        #expect(refused > 1000)
    }

    private func read(_ chunks: [[UInt8]]) throws -> [GuestFrame] {
        var reader = FrameReader()
        var frames: [GuestFrame] = []
        for chunk in chunks { try chunk.withUnsafeBytes { try reader.read($0, into: &frames) } }
        return frames
    }
}

struct DescriptorReaderTests {
    @Test func `A descriptor is read`() throws {
        let descriptor = try DescriptorReader.read(WireSample.descriptor())
        #expect(descriptor.id == "plugin")
        #expect(descriptor.components.map(\.id) == ["one"])
        #expect(descriptor.components.first?.grace == .milliseconds(250))
    }

    @Test(arguments: ["One", "", "1", "a_b", String(repeating: "a", count: 64)])
    func `A component id that breaks the rules is refused`(id: String) {
        #expect(throws: ProtocolViolation.self) { try DescriptorReader.read(WireSample.descriptor(component: id)) }
    }

    @Test func `A kind nobody knows, trailing bytes and every truncation are refused`() {
        let whole = WireSample.descriptor()
        #expect(throws: ProtocolViolation.self) { try DescriptorReader.read(WireSample.descriptor(kind: 4)) }
        #expect(throws: ProtocolViolation.self) { try DescriptorReader.read(whole + [0]) }
        for count in whole.indices {
            #expect(throws: ProtocolViolation.self) { try DescriptorReader.read(Array(whole[..<count])) }
        }
    }

    @Test func `Mutated descriptors never trap`() {
        var random = SeededGenerator(seed: 0xdec0de)
        var refused = 0
        for _ in 0..<4000 {
            var bytes = WireSample.descriptor()
            bytes[Int.random(in: bytes.indices, using: &random)] = UInt8.random(in: 0...255, using: &random)
            if (try? DescriptorReader.read(bytes)) == nil { refused += 1 }
        }
        #expect(refused > 500)
    }
}

/// What a well-behaved guest writes.
enum WireSample {
    static let hello = frame(
        GW_HELLO, body: bytes(of: gw_hello(layout: 1, in_force: 1, landlock_abi: 7, setup_ns: 0, zero: 0)))

    static var stream: [UInt8] {
        let text = Array("textkey\0value\0".utf8)
        let log = bytes(of: gw_log(unix_ns: 1, level: 2, text_length: 4)) + text
        let done = gw_done(
            code: 100, retry_after_ms: 0, started_ns: 1, finished_ns: 2, cpu_ns: 1, output_length: 3, error_length: 4,
            dropped_logs: 0, child_count: 0, exhausted: 0)
        return hello + frame(GW_LOADED, body: descriptor()) + frame(GW_EMIT, call: 7, body: [1, 2, 3])
            + frame(GW_LOG, call: 7, body: log) + frame(GW_DONE, call: 7, body: bytes(of: done) + Array("oops".utf8))
            + frame(GW_FAILED, body: bytes(of: gw_failed(stage: 2, code: 1)) + Array("no".utf8))
            + frame(GW_CHILDREN, call: 7, body: [1, 2, 3]) + frame(GW_ASK, call: 7, body: ask(GW_ASK_GET, key: "k"))
            + frame(GW_ASK, call: 7, body: ask(GW_ASK_PUT, key: "k", value: [1], number: 7))
    }

    static func ask(_ what: UInt32, key: String = "", value: [UInt8] = [], number: UInt64 = 0) -> [UInt8] {
        let head = gw_ask(
            what: what, key_length: UInt32(key.utf8.count), payload_length: UInt32(key.utf8.count + value.count),
            zero: 0, number: number)
        return bytes(of: head) + Array(key.utf8) + value
    }

    static func child(_ name: String, _ params: String) -> [UInt8] {
        let head = gw_child(name_length: UInt32(name.utf8.count), params_length: UInt32(params.utf8.count))
        return bytes(of: head) + Array(name.utf8) + Array(params.utf8)
    }

    static func descriptor(component id: String = "one", kind: UInt32 = 3, limit: UInt64 = 0) -> [UInt8] {
        let head = gw_loaded(
            component_count: 1, id_length: 6, version_length: 5, vendor_length: 1, abi_version: 0x10000, zero: 0)
        let component = gw_component(
            flags: 0, max_input_bytes: 0, max_output_bytes: 0, max_memory_bytes: limit, max_file_bytes: 0,
            max_scratch_bytes: 0, max_log_bytes: 0, max_cpu_ms: 0, max_open_files: UInt32(truncatingIfNeeded: limit),
            max_processes: 0, kind: kind, max_concurrency: 0, default_timeout_ms: 0, grace_ms: 250, stall_ms: 0,
            id_length: UInt32(id.utf8.count), version_length: 0, title_length: 5,
            description_length: 0, schema_length: 2, result_type_length: 0)
        return bytes(of: head) + Array("plugin1.0.0v".utf8) + bytes(of: component) + Array("\(id)title{}".utf8)
    }

    static func frame(_ kind: UInt32, call: UInt64 = 0, body: [UInt8]) -> [UInt8] {
        let header = gw_frame(
            magic: UInt16(GW_MAGIC), kind: UInt8(kind), flags: 0, length: UInt32(body.count), slot: 0, zero: 0,
            call: call)
        return bytes(of: header) + body
    }

    private static func bytes<Value: BitwiseCopyable>(of value: Value) -> [UInt8] {
        withUnsafeBytes(of: value) { Array($0) }
    }
}

/// SplitMix64: the same numbers in every run.
struct SeededGenerator: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) {
        state = seed
    }

    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var word = state
        word = (word ^ word >> 30) &* 0xbf58_476d_1ce4_e5b9
        word = (word ^ word >> 27) &* 0x94d0_49bb_1331_11eb
        return word ^ word >> 31
    }
}
