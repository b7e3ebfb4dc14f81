import CGuestWire

/// A question of an attempt, put together from its pieces.
struct AskReader {
    private static let headSize = MemoryLayout<gw_ask>.size

    private var bytes: [UInt8] = []

    mutating func append(_ piece: [UInt8]) throws(ProtocolViolation) {
        guard bytes.count + piece.count <= Self.headSize + Int(GW_KEY_LIMIT + GW_VALUE_LIMIT) else {
            throw ProtocolViolation("a question of more than \(GW_KEY_LIMIT + GW_VALUE_LIMIT) bytes")
        }
        bytes.append(contentsOf: piece)
    }

    /// What all the pieces say.
    func question() throws(ProtocolViolation) -> Question {
        guard bytes.count >= Self.headSize else { throw ProtocolViolation("a question that ends within its head") }
        let head = bytes.withUnsafeBytes { $0.loadUnaligned(as: gw_ask.self) }
        let payload = bytes.dropFirst(Self.headSize)
        guard payload.count == Int(head.payload_length), head.key_length <= GW_KEY_LIMIT,
            payload.count >= Int(head.key_length), payload.count - Int(head.key_length) <= Int(GW_VALUE_LIMIT)
        else { throw ProtocolViolation("a question of \(payload.count) bytes that says \(head.payload_length)") }
        let key = Array(payload.prefix(Int(head.key_length)))
        switch head.what {
        case GW_ASK_RESULTS where payload.isEmpty && head.number < UInt64(Int64.max):
            return .engine(.results(from: Int64(head.number)))
        case GW_ASK_GET where !key.isEmpty && key.count == payload.count: return .engine(.get(key: key))
        case GW_ASK_PUT where !key.isEmpty:
            return .engine(.put(key: key, value: Array(payload.dropFirst(key.count)), ifVersion: head.number))
        case GW_ASK_EXTEND where payload.isEmpty && head.number <= UInt64(UInt32.max):
            return .time(more: .milliseconds(Int64(head.number)))
        default:
            throw ProtocolViolation("question \(head.what) with \(payload.count) bytes and number \(head.number)")
        }
    }

    enum Question: Hashable {
        case engine(GuestAsk)
        /// Answered by the pool itself.
        case time(more: Duration)
    }
}
