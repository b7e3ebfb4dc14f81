import JobModel

/// Lines of one run packed into bytes. A line is: instant (8), attempt (4), stream (1), level (1), length of the text (4),
/// all little-endian, then the text in UTF-8.
enum LogChunk {
    /// Positions count lines of a chunk in 16 bits.
    static let capacity = 65_535
    private static let headerSize = 18

    static func encode(_ lines: some Collection<LogLine>) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(lines.reduce(0) { $0 + headerSize + $1.text.utf8.count })
        for line in lines {
            append(line.at.microseconds, to: &bytes)
            append(line.attempt, to: &bytes)
            bytes.append(UInt8(line.stream.rawValue))
            bytes.append(UInt8(clamping: line.level))
            append(UInt32(clamping: line.text.utf8.count), to: &bytes)
            bytes.append(contentsOf: line.text.utf8)
        }
        return bytes
    }

    /// Nil when the bytes are not lines from end to end.
    static func decode(_ bytes: [UInt8], run: RunID) -> [LogLine]? {
        var lines: [LogLine] = []
        var rest = bytes[...]
        while !rest.isEmpty {
            guard rest.count >= headerSize else { return nil }
            let at = take(Int64.self, from: &rest)
            let attempt = take(Int32.self, from: &rest)
            let stream = LogLine.Stream(rawValue: Int(take(UInt8.self, from: &rest)))
            let level = take(UInt8.self, from: &rest)
            let length = Int(take(UInt32.self, from: &rest))
            guard let stream, length <= rest.count else { return nil }
            let text = String(decoding: rest.prefix(length), as: UTF8.self)
            rest = rest.dropFirst(length)
            lines.append(
                LogLine(
                    run: run, attempt: attempt, at: Instant(microseconds: at), stream: stream, level: Int(level),
                    text: text))
        }
        return lines
    }

    private static func append(_ value: some FixedWidthInteger, to bytes: inout [UInt8]) {
        withUnsafeBytes(of: value.littleEndian) { bytes.append(contentsOf: $0) }
    }

    /// The caller has seen that there are enough bytes.
    private static func take<Value: FixedWidthInteger>(_ type: Value.Type, from rest: inout ArraySlice<UInt8>) -> Value
    {
        defer { rest = rest.dropFirst(Value.bitWidth / 8) }
        return Value(littleEndian: rest.withUnsafeBytes { $0.loadUnaligned(as: Value.self) })
    }
}
