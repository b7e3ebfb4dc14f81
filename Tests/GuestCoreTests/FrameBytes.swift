import CGuestWire

/// Frames as a host would write them.
enum FrameBytes {
    static func frame(
        _ kind: UInt32, slot: UInt32 = 0, call: UInt64 = 0, flags: UInt32 = 0, body: [UInt8] = []
    ) -> [UInt8] {
        let header = gw_frame(
            magic: UInt16(GW_MAGIC), kind: UInt8(kind), flags: UInt8(flags), length: UInt32(body.count), slot: slot,
            zero: 0, call: call)
        return bytes(of: header) + body
    }

    static func setup(wanted: UInt32 = 1, places: [(access: UInt8, path: String)] = []) -> [UInt8] {
        var setup = gw_setup()
        setup.wanted = wanted
        setup.path_count = UInt32(places.count)
        let paths = places.flatMap { place -> [UInt8] in [place.access] + Array(place.path.utf8) + [0] }
        return frame(GW_SETUP, body: bytes(of: setup) + paths)
    }

    static func load(
        path: String, configuration: String = "{}", secrets: KeyValuePairs<String, String> = [:], flags: UInt32 = 0
    ) -> [UInt8] {
        let row = secrets.flatMap { name, value -> [UInt8] in
            let head = gw_secret(name_length: UInt32(name.utf8.count), value_length: UInt32(value.utf8.count))
            return bytes(of: head) + Array(name.utf8) + Array(value.utf8)
        }
        let lengths = gw_load(
            path_length: UInt32(path.utf8.count), configuration_length: UInt32(configuration.utf8.count),
            secrets_length: UInt32(row.count), flags: flags)
        return frame(GW_LOAD, body: bytes(of: lengths) + Array(path.utf8) + Array(configuration.utf8) + row)
    }

    static func order(job: String = "", trace: String = "", params: Int) -> gw_run {
        var run = gw_run()
        run.job_length = UInt32(job.utf8.count)
        run.trace_length = UInt32(trace.utf8.count)
        run.params_length = UInt32(params)
        return run
    }

    static func run(call: UInt64, job: String = "", trace: String = "", params: String = "") -> [UInt8] {
        let order = order(job: job, trace: trace, params: params.utf8.count)
        let texts = Array(job.utf8) + Array(trace.utf8) + Array(params.utf8)
        return frame(GW_RUN, call: call, body: bytes(of: order) + texts)
    }

    static func cancel(call: UInt64, level: UInt32 = GW_CANCEL_ASK, reason: Int32 = 1) -> [UInt8] {
        frame(GW_CANCEL, call: call, body: bytes(of: gw_cancel(level: level, reason: reason)))
    }

    static func answer(
        call: UInt64, payload: [UInt8] = [], announced: Int? = nil, flags: UInt32 = 0, number: UInt64 = 1
    ) -> [UInt8] {
        let head = gw_answer(status: 0, payload_length: UInt32(announced ?? payload.count), number: number)
        return frame(GW_ANSWER, call: call, flags: flags, body: bytes(of: head) + payload)
    }

    static func bytes<Value: BitwiseCopyable>(of value: Value) -> [UInt8] {
        withUnsafeBytes(of: value) { Array($0) }
    }
}

/// What a stream of bytes came to: one word per message, and the breach that ended it.
struct Transcript: Equatable {
    var messages: [String] = []
    var breach: Breach?
}

extension Transcript {
    /// Reads `stream` in pieces of the sizes that `nextSize` gives.
    init(of stream: [UInt8], nextSize: () -> Int) {
        var decoder = FrameDecoder()
        var conversation = Conversation()
        var rest = stream[...]
        do throws(Breach) {
            while !rest.isEmpty {
                let space = decoder.space()
                let piece = rest.prefix(max(1, min(nextSize(), space.count)))
                space.copyBytes(from: piece)
                decoder.fed(piece.count)
                rest = rest.dropFirst(piece.count)
                while let frame = try decoder.next() {
                    if let message = try conversation.take(frame) {
                        messages.append(Self.word(for: message))
                    }
                }
            }
        } catch {
            breach = error
        }
    }

    /// Everything a message says, without the slowness of printing it by reflection.
    private static func word(for message: HostMessage) -> String {
        switch message {
        case .setup(let order): "setup \(order.limits.wanted) \(order.limits.grants) \(order.places.map(\.path))"
        case .load(let order): "load \(order.path) \(order.configuration) \(order.secrets.map { [$0.name, $0.value] })"
        case .run(let attempt):
            "run \(attempt.call) \(attempt.slot) \(attempt.order.component) \(attempt.texts.hashValue)"
        case .cancel(let slot, let call, let level, let reason): "cancel \(slot) \(call) \(level) \(reason)"
        case .answer(let answer):
            "answer \(answer.call) \(answer.head.status) \(answer.head.number) \(answer.payload.hashValue)"
        case .bye: "bye"
        }
    }

    init(of stream: [UInt8]) {
        self.init(of: stream, nextSize: { .max })
    }
}

/// The same numbers in every run of the tests (SplitMix64).
struct SeededNumbers: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) {
        state = seed
    }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}
